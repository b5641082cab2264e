import { Button, CloseButton, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { api, take } from "../api/client";
import { changed, type Entity, type Intent, type Line, type Tag } from "../api/train";
import { t } from "../strings";
import { Failure } from "./Failure";
import { Marked } from "./Marked";
import { chosen, moved } from "./markup";
import { succeeded } from "./notify";

interface Props {
  botId: string;
  intent: Intent;
  line: Line;
  entities: Entity[];
  close: () => void;
}

/** Changes an utterance. Words are chosen in the field, with the mouse or with shift and arrows, and tagged with an entity. */
export function LineDialog({ botId, intent, line, entities, close }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(line.text);
  const [tags, setTags] = useState<Tag[]>(line.tags);
  const [span, setSpan] = useState<[number, number]>([0, 0]);
  const [entity, setEntity] = useState<string | null>(null);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const look = () => {
    const input = field.current;
    if (input && document.activeElement === input) {
      setSpan([input.selectionStart ?? 0, input.selectionEnd ?? 0]);
    }
  };
  const words = chosen(text, span[0], span[1], tags);
  const tag = () => {
    if (!words || !entity) {
      setProblem(t("line.chooseBoth"));
      return;
    }
    setProblem(undefined);
    const next = [...tags, { start: words[0], end: words[1], entity }];
    setTags(next.sort((a, b) => a.start - b.start));
    setSpan([0, 0]);
  };
  const save = async () => {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const params = { path: { botId, intentId: intent.id, lineId: line.id } };
      await take(
        api.PUT("/agents/{botId}/training/intents/{intentId}/lines/{lineId}", { params, body: { text, tags } }),
      );
      await changed(botId);
      succeeded(t("line.saved"));
      close();
    } catch (reason) {
      setError(reason);
      setBusy(false);
    }
  };
  const name = (id: string) => entities.find((one) => one.id === id)?.name ?? id;
  return (
    <Modal
      opened
      onClose={close}
      title={t("line.title")}
      size="lg"
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack>
          <TextInput
            ref={field}
            data-autofocus
            label={t("line.text")}
            maxLength={3000}
            value={text}
            onSelect={look}
            onKeyUp={look}
            onMouseUp={look}
            onChange={(event) => {
              const next = event.currentTarget.value;
              setTags(moved(tags, text, next));
              setText(next);
            }}
          />
          <div className="card" aria-label={t("line.preview")} role="group">
            <Marked text={text || " "} tags={tags} entities={entities} />
          </div>
          {entities.length > 0 && (
            <fieldset className="group">
              <legend>{t("line.tag")}</legend>
              <Text size="sm" c="dimmed" mb="xs">
                {t("line.tagHint")}
              </Text>
              <Group align="flex-end" gap="sm">
                <Select
                  label={t("line.entity")}
                  w={240}
                  searchable
                  data={entities.map((one) => ({ value: one.id, label: `${one.name} (${one.type})` }))}
                  value={entity}
                  onChange={setEntity}
                  comboboxProps={{ withinPortal: true, zIndex: 400 }}
                />
                <Button variant="default" onClick={tag}>
                  {words ? t("line.tagWords", { words: text.slice(...words) }) : t("line.tagButton")}
                </Button>
              </Group>
              {problem && (
                <Text size="sm" c="var(--mantine-color-error)" role="alert" mt="xs">
                  {problem}
                </Text>
              )}
              <ul className="tags">
                {tags.map((one) => (
                  <li key={one.start}>
                    <span>{t("line.tagged", { words: text.slice(one.start, one.end), entity: name(one.entity) })}</span>
                    <CloseButton
                      size="sm"
                      aria-label={t("line.untag", { words: text.slice(one.start, one.end) })}
                      onClick={() => setTags(tags.filter((other) => other.start !== one.start))}
                    />
                  </li>
                ))}
              </ul>
            </fieldset>
          )}
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {t("common.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
