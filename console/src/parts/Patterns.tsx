import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "../api/client";
import { changed, type Intent, type IntentDetail } from "../api/train";
import { t } from "../strings";
import { Leaving } from "./Leaving";
import { useMay } from "./Need";
import { succeeded } from "./notify";
import { SaveFailure } from "./Stale";

const rows = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);

interface Props {
  botId: string;
  intent: Intent;
  language: string;
  detail: IntentDetail;
}

/** Patterns and negative patterns of an intent, one a line. */
export function Patterns({ botId, intent, language, detail }: Props) {
  const may = useMay("agents");
  const [plain, setPlain] = useState(detail.patterns.join("\n"));
  const [negative, setNegative] = useState(detail.negativePatterns.join("\n"));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const unsaved =
    rows(plain).join("\n") !== detail.patterns.join("\n") ||
    rows(negative).join("\n") !== detail.negativePatterns.join("\n");
  const blocker = useBlocker({
    shouldBlockFn: () => unsaved && !busy,
    enableBeforeUnload: () => unsaved && !busy,
    withResolver: true,
  });
  const save = async () => {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const params = {
        path: { botId, intentId: intent.id },
        query: { language },
        header: { "if-match": detail.patternsTag },
      };
      const body = { patterns: rows(plain), negativePatterns: rows(negative) };
      await take(api.PUT("/agents/{botId}/training/intents/{intentId}/patterns", { params, body }));
      await changed(botId);
      succeeded(t("patterns.saved", { name: intent.name }));
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
        void save();
      }}
    >
      <Stack maw={640}>
        <Textarea
          className="mono-field"
          label={t("patterns.plain")}
          description={t("patterns.plainHint")}
          autosize
          minRows={3}
          maxRows={16}
          readOnly={!may}
          value={plain}
          onChange={(event) => setPlain(event.currentTarget.value)}
        />
        <Textarea
          className="mono-field"
          label={t("patterns.negative")}
          description={t("patterns.negativeHint")}
          autosize
          minRows={3}
          maxRows={16}
          readOnly={!may}
          value={negative}
          onChange={(event) => setNegative(event.currentTarget.value)}
        />
        <SaveFailure error={error} load={() => changed(botId)} keep={() => setError(undefined)} />
        {may && (
          <Group>
            <Button type="submit" loading={busy} disabled={!unsaved}>
              {t("common.save")}
            </Button>
            {unsaved && <Text c="dimmed">{t("common.unsaved")}</Text>}
          </Group>
        )}
      </Stack>
      {blocker.status === "blocked" && <Leaving stay={blocker.reset} discard={blocker.proceed} />}
    </form>
  );
}
