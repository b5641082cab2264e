import { Button, Group, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import { api, take } from "../api/client";
import { changed, type Entity, type Intent, type Line } from "../api/train";
import { t } from "../strings";
import { EditableList } from "./EditableList";
import { Failure } from "./Failure";
import { LineDialog } from "./LineDialog";
import { Marked } from "./Marked";
import { useMay } from "./Need";
import { succeeded } from "./notify";
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
  const [editing, setEditing] = useState<Line>();
  const remove = async (gone: Line[]) => {
    const params = { path: { botId, intentId: intent.id } };
    const body = { ids: gone.map((line) => line.id) };
    await take(api.POST("/agents/{botId}/training/intents/{intentId}/lines/remove", { params, body }));
    await changed(botId);
    succeeded(t("train.removed", { count: gone.length }), true);
  };
  return (
    <Stack>
      {may && <AddLines botId={botId} intent={intent} language={language} />}
      <EditableList
        items={lines}
        id={(line) => line.id}
        words={(line) => line.text}
        label={t("train.linesOf", { name: intent.name })}
        search={t("train.searchLines")}
        empty={t("train.noLines")}
        minWidth={480}
        may={may}
        within={intent.id}
        columns={[
          {
            head: t("train.line"),
            cell: (line) => (
              <Group gap="xs">
                <Marked text={line.text} tags={line.tags} entities={entities} />
                {line.alsoIn.length > 0 && (
                  <State kind="warn" word={t("train.alsoIn", { names: line.alsoIn.join(", ") })} />
                )}
              </Group>
            ),
          },
        ]}
        edit={{ label: (line) => t("train.edit", { text: line.text }), act: setEditing }}
        remove={{
          label: (line) => t("train.remove", { text: line.text }),
          title: t("train.removeTitle"),
          button: t("train.removeButton"),
          text: (gone) => t("train.removeText", { count: gone.length, name: intent.name }),
          act: remove,
        }}
        tick={{
          label: (line) => t("train.tick", { text: line.text }),
          all: t("train.tickAll"),
          remove: (count) => t("train.removeTicked", { count }),
        }}
      />
      {editing && (
        <LineDialog
          botId={botId}
          intent={intent}
          line={editing}
          entities={entities}
          close={() => setEditing(undefined)}
        />
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
