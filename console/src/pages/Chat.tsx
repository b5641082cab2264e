import { Alert, Badge, Button, Group, SegmentedControl, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { IconAlertTriangle, IconSend } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { api, take } from "../api/client";
import { agentQuery } from "../api/queries";
import type { ChatAnswer, Detection } from "../api/types";
import { Failure } from "../parts/Failure";
import { announce } from "../parts/Live";
import { Message } from "../parts/Message";
import { PageHead } from "../parts/PageHead";
import { Rows } from "../parts/Rows";
import { TestViews } from "./Explain";
import { t, tOr } from "../strings";

/** One line of the talk; nothing of it is stored by the browser. */
type Line = { own: true; text: string } | { own: false; answer: ChatAnswer };

/** Talk to the agent and see how each message was understood. */
export function Chat() {
  const { botId } = useParams({ from: "/signed-in/builder/$botId/testing/utterance" });
  const agent = useQuery(agentQuery(botId));
  const [lines, setLines] = useState<Line[]>([]);
  const [detection, setDetection] = useState<Detection | null>();
  const [draft, setDraft] = useState(true);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const restart = () => {
    setLines([]);
    setDetection(undefined);
    setError(undefined);
  };
  const send = async (text: string) => {
    setBusy(true);
    setError(undefined);
    const fresh = lines.length === 0;
    setLines((before) => [...before, { own: true, text }]);
    try {
      const answer = await take(
        api.POST("/agents/{botId}/chat", {
          params: { path: { botId } },
          body: { text, draft, ...(fresh ? { sessionNew: true } : {}) },
        }),
      );
      setLines((before) => [...before, { own: false, answer }]);
      setDetection(answer.detection ?? null);
      announce(answer.messages.map((message) => message.text ?? "").join(" "));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <PageHead
        title={t("chat.title")}
        purpose={t("chat.purpose")}
        agent={agent.data?.name}
        actions={
          <>
            <SegmentedControl
              aria-label={t("chat.copy")}
              value={draft ? "draft" : "published"}
              onChange={(value) => {
                setDraft(value === "draft");
                restart();
              }}
              data={[
                { value: "draft", label: t("chat.draft") },
                {
                  value: "published",
                  label: t("chat.published"),
                  disabled: agent.data?.state !== "published",
                },
              ]}
            />
            <Button variant="default" onClick={restart} disabled={lines.length === 0}>
              {t("chat.restart")}
            </Button>
          </>
        }
      />
      <TestViews botId={botId} />
      {agent.data && !agent.data.trained && (
        <Alert color="orange" mb="md" icon={<IconAlertTriangle aria-hidden />}>
          {t("chat.untrained")}
        </Alert>
      )}
      <div className="chat">
        <Stack gap="sm">
          <Log lines={lines} choose={(text) => !busy && void send(text)} />
          {error !== undefined && <Failure error={error} />}
          <Entry busy={busy} send={(text) => void send(text)} />
        </Stack>
        <section aria-labelledby="result-heading">
          <Title order={2} mb="sm" id="result-heading">
            {t("chat.result")}
          </Title>
          <Result detection={detection} />
        </section>
      </div>
    </>
  );
}

function Entry({ busy, send }: { busy: boolean; send: (text: string) => void }) {
  const [text, setText] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const said = text.trim();
        if (!said || busy) return;
        setText("");
        send(said);
      }}
    >
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <TextInput
          label={t("chat.type")}
          flex={1}
          autoComplete="off"
          maxLength={3000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy} leftSection={<IconSend size={16} aria-hidden />}>
          {t("chat.send")}
        </Button>
      </Group>
    </form>
  );
}

function Log({ lines, choose }: { lines: Line[]; choose: (text: string) => void }) {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const log = end.current?.parentElement;
    if (log) log.scrollTop = log.scrollHeight;
  }, [lines]);
  return (
    <div className="card chat-log" role="log" aria-label={t("chat.log")} tabIndex={0}>
      {lines.length === 0 && (
        <Text c="dimmed" m="auto">
          {t("chat.empty")}
        </Text>
      )}
      {lines.map((line, i) =>
        line.own ? (
          <div className="bubble" data-own="true" key={i}>
            {line.text}
          </div>
        ) : (
          <Answer key={i} answer={line.answer} choose={choose} />
        ),
      )}
      <div ref={end} />
    </div>
  );
}

function Answer({ answer, choose }: { answer: ChatAnswer; choose: (text: string) => void }) {
  const name = answer.completedTaskName;
  return (
    <>
      {answer.messages.length === 0 && (
        <Text size="xs" c="dimmed">
          {t("chat.noAnswer")}
        </Text>
      )}
      {answer.messages.map((message, i) => (
        <Message key={i} message={message} choose={choose} />
      ))}
      {answer.endOfTask && (
        <Text size="xs" c="dimmed">
          {name ? t("chat.ended", { name }) : t("chat.endedPlain")}
        </Text>
      )}
    </>
  );
}

function Result({ detection }: { detection: Detection | null | undefined }) {
  if (detection === undefined) return <Text c="dimmed">{t("chat.resultEmpty")}</Text>;
  if (detection === null) return <Text c="dimmed">{t("chat.inDialog")}</Text>;
  const { winner, ranking, result, tookMs } = detection;
  const kind = (type: string) => tOr(`chat.kinds.${type}`, type);
  return (
    <Stack gap="md">
      <div className="card" data-testid="winner">
        <Text size="xs" c="dimmed">
          {winner ? t("chat.winner") : t("chat.noWinner")}
        </Text>
        {winner && (
          <Group gap="xs">
            <Text fw={600} size="lg">
              {winner.name}
            </Text>
            <Badge color="gray" c="var(--mantine-color-text)">
              {kind(winner.type)}
            </Badge>
            {typeof winner.score === "number" && <Text className="number">{figure(winner.score)}</Text>}
          </Group>
        )}
        <Text size="xs" c="dimmed" className="number">
          {`${t("chat.resultKind")}: ${tOr(`chat.results.${result}`, result)}`}
          {typeof tookMs === "number" ? ` · ${t("chat.took", { ms: tookMs })}` : ""}
        </Text>
      </div>
      <Title order={3}>{t("chat.ranking")}</Title>
      {ranking.length === 0 ? <Text c="dimmed">{t("chat.noRanking")}</Text> : <Ranking ranking={ranking} kind={kind} />}
    </Stack>
  );
}

const figure = (value: number) => String(Math.round(value * 1000) / 1000);

function Score({ value, of }: { value?: number | null; of: number }) {
  if (typeof value !== "number") return <Text c="dimmed" size="xs">–</Text>;
  const share = Math.max(0, Math.min(1, value / of)) * 100;
  return (
    <div className="score">
      <span>{figure(value)}</span>
      <span className="meter" aria-hidden>
        <span style={{ width: `${share}%` }} />
      </span>
    </div>
  );
}

function Ranking({ ranking, kind }: { ranking: Detection["ranking"]; kind: (type: string) => string }) {
  return (
    <Rows label={t("chat.ranking")} minWidth={440}>
      <Table.Thead>
        <Table.Tr>
          {(["intent", "kind", "ml", "fm", "faq", "score"] as const).map((column) => (
            <Table.Th key={column}>{t(`chat.${column}`)}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {ranking.map((item, i) => (
          <Table.Tr key={i}>
            <Table.Td>
              <Text size="xs" fw={500}>
                {item.name}
              </Text>
              {item.reason && (
                <Text size="xs" c="dimmed">
                  {item.reason}
                </Text>
              )}
            </Table.Td>
            <Table.Td>{kind(item.type)}</Table.Td>
            <Table.Td>
              <Score value={item.ml} of={1} />
            </Table.Td>
            <Table.Td>
              <Score value={item.fm} of={100} />
            </Table.Td>
            <Table.Td>
              <Score value={item.faq} of={100} />
            </Table.Td>
            <Table.Td>
              <Score value={item.score} of={100} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Rows>
  );
}
