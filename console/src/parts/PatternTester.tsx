import { Alert, Button, Group, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useState } from "react";
import { api, ApiError, take } from "../api/client";
import type { PatternTest } from "../api/train";
import { t, tOr } from "../strings";
import { Failure } from "./Failure";
import { announce } from "./Live";
import { Rows } from "./Rows";
import { State } from "./State";

/** Patterns that one test tries at most. */
const MOST = 50;

interface Props {
  botId: string;
  language: string;
  /** What is tried when no pattern is typed. */
  patterns: string[];
}

interface Tried {
  pattern: string;
  made: PatternTest;
}

/** Tries a pattern on a text and explains each part of it; without a pattern, all of the list. */
export function PatternTester({ botId, language, patterns }: Props) {
  const [pattern, setPattern] = useState("");
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [tried, setTried] = useState<{ text: string; all: Tried[] }>();
  const wrong = (name: string) => (error instanceof ApiError ? error.field(name) : undefined);
  const run = async () => {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    const one = async (given: string): Promise<Tried> => {
      const body = { pattern: given, text, language };
      const made = await take(
        api.POST("/agents/{botId}/training/patterns/test", { params: { path: { botId } }, body }),
      );
      return { pattern: given, made };
    };
    try {
      const given = pattern.trim() || patterns.length === 0 ? [pattern] : patterns.slice(0, MOST);
      const all = await Promise.all(given.map(one));
      setTried({ text, all });
      announce(verdict(all));
    } catch (problem) {
      setTried(undefined);
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="card" aria-labelledby="tester-heading">
      <Title order={3} id="tester-heading">
        {t("tester.title")}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t("tester.purpose")}
      </Text>
      <form
        noValidate
        onSubmit={(event) => {
          // it stands beside the form of the patterns, not in it
          event.preventDefault();
          void run();
        }}
      >
        <Stack gap="sm">
          <TextInput
            className="mono-field"
            label={t("tester.pattern")}
            description={patterns.length > 0 ? t("tester.patternHint", { count: patterns.length }) : undefined}
            maxLength={1000}
            autoComplete="off"
            value={pattern}
            error={wrong("pattern")}
            onChange={(event) => setPattern(event.currentTarget.value)}
          />
          <TextInput
            label={t("tester.text")}
            maxLength={3000}
            autoComplete="off"
            value={text}
            error={wrong("text")}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Group>
            <Button type="submit" variant="default" loading={busy}>
              {t("tester.run")}
            </Button>
          </Group>
        </Stack>
      </form>
      {error !== undefined && !(error instanceof ApiError && error.fields.length > 0) && <Failure error={error} />}
      {tried && (
        <Stack mt="md" gap="sm">
          {tried.all.length === 1 && tried.all[0] ? (
            <One text={tried.text} tried={tried.all[0]} />
          ) : (
            <Several all={tried.all} choose={(given) => setTried({ text: tried.text, all: [given] })} />
          )}
        </Stack>
      )}
    </section>
  );
}

function verdict(all: Tried[]): string {
  const fits = all.filter((one) => one.made.fits).length;
  if (all.length > 1) return t("tester.several", { count: fits, of: all.length });
  const [one] = all;
  if (!one) return "";
  if (!one.made.asks) return t("tester.noWord");
  if (fits) return t("tester.fits");
  const reached = one.made.parts.findIndex((part) => !part.fits);
  return t("tester.fails", { part: one.made.parts[reached]?.text ?? "" });
}

function One({ text, tried: { pattern, made } }: { text: string; tried: Tried }) {
  const { start, end } = made;
  const missing = made.parts.findIndex((part) => !part.fits);
  return (
    <>
      <Alert
        color={made.fits ? "teal" : "gray"}
        icon={made.fits ? <IconCircleCheck aria-hidden /> : <IconCircleX aria-hidden />}
        title={verdict([{ pattern, made }])}
        data-testid="pattern-verdict"
      >
        {start != null && end != null ? (
          <span className="utterance">
            {text.slice(0, start)}
            <mark className="entity">{text.slice(start, end)}</mark>
            {text.slice(end)}
          </span>
        ) : (
          <span className="utterance">{text}</span>
        )}
      </Alert>
      <Rows label={t("tester.parts")} minWidth={480}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={160}>{t("tester.part")}</Table.Th>
            <Table.Th>{t("tester.asks")}</Table.Th>
            <Table.Th w={140}>{t("tester.here")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {made.parts.map((part, i) => (
            <Table.Tr key={i}>
              <Table.Td className="mono">{part.text}</Table.Td>
              <Table.Td>
                {part.ask === "wildUpTo"
                  ? t("tester.wildUpTo", { count: part.count ?? 0 })
                  : tOr(`tester.kinds.${part.ask}`, part.ask)}
                {part.choices.length > 0 && (
                  <Text size="xs" c="dimmed">
                    {part.choices.join(", ")}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                {part.fits ? (
                  <State kind="good" word={t("tester.found")} />
                ) : (
                  <State
                    kind={i === missing ? "warn" : "none"}
                    word={t(i === missing ? "tester.notFound" : "tester.notReached")}
                  />
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Rows>
    </>
  );
}

function Several({ all, choose }: { all: Tried[]; choose: (one: Tried) => void }) {
  const sorted = [...all].sort((a, b) => Number(b.made.fits) - Number(a.made.fits));
  return (
    <>
      <Text fw={500} data-testid="pattern-verdict">
        {verdict(all)}
      </Text>
      <Rows label={t("tester.results")} minWidth={480}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("tester.pattern")}</Table.Th>
            <Table.Th w={140}>{t("tester.here")}</Table.Th>
            <Table.Th w={96}>{t("common.actions")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sorted.map((one, i) => (
            <Table.Tr key={i}>
              <Table.Td className="mono">{one.pattern}</Table.Td>
              <Table.Td>
                <State kind={one.made.fits ? "good" : "none"} word={t(one.made.fits ? "tester.found" : "tester.notFound")} />
              </Table.Td>
              <Table.Td>
                <Button
                  variant="subtle"
                  size="compact-sm"
                  aria-label={t("tester.explainNamed", { pattern: one.pattern })}
                  onClick={() => choose(one)}
                >
                  {t("tester.explain")}
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Rows>
    </>
  );
}
