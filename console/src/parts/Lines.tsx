import { ActionIcon, Button, Checkbox, Group, Stack, Table, Text, Textarea, TextInput } from "@mantine/core";
import { IconPencil, IconSearch, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { api, take } from "../api/client";
import { changed, type Entity, type Intent, type Line } from "../api/train";
import { t } from "../strings";
import { Ask } from "./Ask";
import { Failure } from "./Failure";
import { LineDialog } from "./LineDialog";
import { Marked } from "./Marked";
import { useMay } from "./Need";
import { succeeded } from "./notify";
import { usePages } from "./Pages";
import { focusHeading } from "./PageHead";
import { Rows } from "./Rows";
import { State } from "./State";

interface Props {
  botId: string;
  intent: Intent;
  language: string;
  lines: Line[];
  entities: Entity[];
}

/** The utterances of an intent: add many, tag, change, remove. */
export function Lines({ botId, intent, language, lines, entities }: Props) {
  const may = useMay("agents");
  const [typed, setTyped] = useState("");
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [editing, setEditing] = useState<Line>();
  const [removing, setRemoving] = useState<Line[]>();
  const wanted = typed.trim().toLowerCase();
  const found = lines.filter((line) => line.text.toLowerCase().includes(wanted));
  const { rows, buttons } = usePages(found, `${intent.id} ${wanted}`);
  const picked = lines.filter((line) => ticked.has(line.id));
  const tick = (id: string, on: boolean) => {
    const next = new Set(ticked);
    if (on) next.add(id);
    else next.delete(id);
    setTicked(next);
  };
  const remove = async (gone: Line[]) => {
    const params = { path: { botId, intentId: intent.id } };
    const body = { ids: gone.map((line) => line.id) };
    await take(api.POST("/agents/{botId}/training/intents/{intentId}/lines/remove", { params, body }));
    setTicked(new Set());
    await changed(botId);
    succeeded(t("train.removed", { count: gone.length }), true);
    focusHeading();
  };
  return (
    <Stack>
      {may && <AddLines botId={botId} intent={intent} language={language} />}
      {lines.length === 0 ? (
        <Rows.Empty text={t("train.noLines")} />
      ) : (
        <>
          <Group align="flex-end" justify="space-between">
            <TextInput
              label={t("train.searchLines")}
              type="search"
              w={320}
              maw="100%"
              leftSection={<IconSearch size={16} aria-hidden />}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
            {picked.length > 0 && (
              <Button variant="default" onClick={() => setRemoving(picked)}>
                {t("train.removeTicked", { count: picked.length })}
              </Button>
            )}
          </Group>
          {found.length === 0 ? (
            <Rows.NoResults clear={() => setTyped("")} />
          ) : (
            <Rows label={t("train.linesOf", { name: intent.name })} minWidth={480}>
              <Table.Thead>
                <Table.Tr>
                  {may && (
                    <Table.Th w={40}>
                      <Checkbox
                        aria-label={t("train.tickAll")}
                        checked={rows.length > 0 && rows.every((line) => ticked.has(line.id))}
                        onChange={(event) =>
                          setTicked(new Set(event.currentTarget.checked ? rows.map((line) => line.id) : []))
                        }
                      />
                    </Table.Th>
                  )}
                  <Table.Th>{t("train.line")}</Table.Th>
                  {may && <Table.Th w={96}>{t("common.actions")}</Table.Th>}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {rows.map((line) => (
                  <Table.Tr key={line.id}>
                    {may && (
                      <Table.Td>
                        <Checkbox
                          aria-label={t("train.tick", { text: line.text })}
                          checked={ticked.has(line.id)}
                          onChange={(event) => tick(line.id, event.currentTarget.checked)}
                        />
                      </Table.Td>
                    )}
                    <Table.Td>
                      <Group gap="xs">
                        <Marked text={line.text} tags={line.tags} entities={entities} />
                        {line.alsoIn.length > 0 && (
                          <State kind="warn" word={t("train.alsoIn", { names: line.alsoIn.join(", ") })} />
                        )}
                      </Group>
                    </Table.Td>
                    {may && (
                      <Table.Td>
                        <Group gap={4} wrap="nowrap">
                          <ActionIcon
                            variant="subtle"
                            color="gray"
                            c="dimmed"
                            aria-label={t("train.edit", { text: line.text })}
                            onClick={() => setEditing(line)}
                          >
                            <IconPencil size={18} aria-hidden />
                          </ActionIcon>
                          <ActionIcon
                            variant="subtle"
                            color="gray"
                            c="dimmed"
                            aria-label={t("train.remove", { text: line.text })}
                            onClick={() => setRemoving([line])}
                          >
                            <IconTrash size={18} aria-hidden />
                          </ActionIcon>
                        </Group>
                      </Table.Td>
                    )}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Rows>
          )}
          {buttons}
        </>
      )}
      {editing && (
        <LineDialog
          botId={botId}
          intent={intent}
          line={editing}
          entities={entities}
          close={() => setEditing(undefined)}
        />
      )}
      {removing && (
        <Ask
          title={t("train.removeTitle")}
          button={t("train.removeButton")}
          close={() => setRemoving(undefined)}
          act={() => remove(removing)}
        >
          <Text>{t("train.removeText", { count: removing.length, name: intent.name })}</Text>
        </Ask>
      )}
    </Stack>
  );
}

function AddLines({ botId, intent, language }: { botId: string; intent: Intent; language: string }) {
  const [text, setText] = useState("");
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const add = async () => {
    const lines = text
      .split(/\r?\n/)
      .filter((line) => line.trim())
      .map((line) => ({ text: line, tags: [] }));
    setMissing(lines.length === 0);
    if (lines.length === 0 || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const params = { path: { botId, intentId: intent.id }, query: { language } };
      const done = await take(
        api.POST("/agents/{botId}/training/intents/{intentId}/lines", { params, body: { lines } }),
      );
      setText("");
      await changed(botId);
      succeeded(t("train.added", { count: done.added, repeated: done.repeated }));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <Stack gap="xs">
        <Textarea
          label={t("train.add")}
          description={t("train.addHint")}
          autosize
          minRows={2}
          maxRows={10}
          value={text}
          error={missing ? t("train.addMissing") : undefined}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setMissing(false);
          }}
        />
        {error !== undefined && <Failure error={error} />}
        <Group>
          <Button type="submit" loading={busy}>
            {t("train.addButton")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
