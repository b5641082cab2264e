import { Alert, Badge, Button, Group, SegmentedControl, Select, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconHelpCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "../api/client";
import { agentQuery } from "../api/queries";
import { changed, intentsQuery, type Candidate, type Explanation } from "../api/train";
import { Fact } from "../parts/Fact";
import { Failure } from "../parts/Failure";
import { LanguageSelect } from "../parts/LanguageSelect";
import { announce } from "../parts/Live";
import { Meter } from "../parts/Meter";
import { Need, useMay } from "../parts/Need";
import { failed, succeeded } from "../parts/notify";
import { PageHead } from "../parts/PageHead";
import { Rows } from "../parts/Rows";
import { Views } from "../parts/Views";
import { t, tOr } from "../strings";

/** The two ways to test an utterance. */
export function TestViews({ botId }: { botId: string }) {
  const base = `/builder/${botId}/testing/utterance`;
  return (
    <Views
      label={t("chat.title")}
      items={[
        { to: base, label: t("explain.chat") },
        { to: `${base}/explain`, label: t("explain.one") },
      ]}
    />
  );
}

interface Asked {
  text: string;
  made: Explanation;
}

/** One utterance, and everything that led to its result. */
export function Explain() {
  const { botId } = useParams({ from: "/signed-in/builder/$botId/testing/utterance/explain" });
  const agent = useQuery(agentQuery(botId));
  const [text, setText] = useState("");
  const [published, setPublished] = useState(false);
  const [language, setLanguage] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [asked, setAsked] = useState<Asked>();
  const languages = agent.data?.languages ?? [];
  const ask = async () => {
    const said = text.trim();
    if (!said || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const body = { text: said, published, ...(language ? { language } : {}) };
      const made = await take(
        api.POST("/agents/{botId}/training/explain", { params: { path: { botId } }, body }),
      );
      setAsked({ text: said, made });
      announce(tOr(`explain.results.${made.result}`, made.result));
    } catch (problem) {
      setAsked(undefined);
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <PageHead
        title={t("chat.title")}
        purpose={t("explain.purpose")}
        agent={agent.data?.name}
        actions={
          <SegmentedControl
            aria-label={t("chat.copy")}
            value={published ? "published" : "draft"}
            onChange={(value) => setPublished(value === "published")}
            data={[
              { value: "draft", label: t("chat.draft") },
              { value: "published", label: t("chat.published"), disabled: agent.data?.state !== "published" },
            ]}
          />
        }
      />
      <TestViews botId={botId} />
      <Need permission="view">
        <Stack gap="lg">
          {agent.data && !agent.data.trained && (
            <Alert color="orange" icon={<IconAlertTriangle aria-hidden />}>
              {t("chat.untrained")}
            </Alert>
          )}
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void ask();
            }}
          >
            <Group align="flex-end" gap="sm">
              <TextInput
                label={t("chat.type")}
                flex={1}
                miw={240}
                autoComplete="off"
                maxLength={3000}
                value={text}
                onChange={(event) => setText(event.currentTarget.value)}
              />
              <LanguageSelect languages={languages} value={language ?? languages[0] ?? ""} change={setLanguage} />
              <Button type="submit" loading={busy}>
                {t("explain.ask")}
              </Button>
            </Group>
          </form>
          {error !== undefined && <Failure error={error} />}
          {asked ? (
            <Result botId={botId} asked={asked} />
          ) : (
            error === undefined && <Rows.Empty text={t("explain.empty")} />
          )}
        </Stack>
      </Need>
    </>
  );
}

const percent = (n: number) => `${Math.round(n * 10) / 10}`;

function Result({ botId, asked }: { botId: string; asked: Asked }) {
  const { made } = asked;
  const winners = made.ranking.filter((one) => one.won);
  const [icon, color] =
    made.result === "successintent"
      ? ([<IconCircleCheck aria-hidden key="i" />, "teal"] as const)
      : made.result === "ambiguousintent"
        ? ([<IconHelpCircle aria-hidden key="i" />, "yellow"] as const)
        : ([<IconCircleX aria-hidden key="i" />, "gray"] as const);
  const certain = winners.some((one) => one.definitive);
  const words = tOr(`explain.results.${made.result}`, made.result);
  return (
    <>
      <Alert color={color} icon={icon} title={words} data-testid="verdict">
        {winners.length > 0 && (
          <Text>
            {t(certain ? "explain.definitive" : "explain.possible", {
              names: winners.map((one) => one.name).join(", "),
            })}
          </Text>
        )}
        {made.didYouMean && <Text>{t("explain.didYouMean")}</Text>}
      </Alert>
      <dl className="facts card">
        <Fact label={t("explain.tier")} value={t(made.tier === "b" ? "explain.tierB" : "explain.tierA")} />
        <Fact label={t("explain.took")} value={t("explain.microseconds", { count: made.tookUs })} />
        <Fact label={t("explain.sentences")} value={made.sentences.join(" · ")} />
        <Fact label={t("explain.traits")} value={made.traits.join(", ") || t("common.none")} />
      </dl>
      <Engines made={made} />
      <Ranking made={made} />
      <Entities made={made} />
      <AddTo botId={botId} asked={asked} />
    </>
  );
}

/** One panel an engine, with what it reported and what it asks for. */
function Engines({ made }: { made: Explanation }) {
  const { thresholds: set } = made;
  const engines = [
    {
      id: "ml",
      title: t("explain.ml"),
      of: (one: Candidate) => (one.ml == null ? undefined : one.ml * 100),
      mark: set.mlMin * 100,
      asks: t("explain.mlAsks", {
        network: set.network,
        min: percent(set.mlMin * 100),
        exact: percent(set.mlExact * 100),
      }),
    },
    {
      id: "fm",
      title: t("explain.fm"),
      of: (one: Candidate) => one.fm ?? undefined,
      mark: undefined,
      asks: t("explain.fmAsks", { coverage: percent(set.wordCoverage) }),
    },
    {
      id: "kg",
      title: t("explain.kg"),
      of: (one: Candidate) => one.faq ?? undefined,
      mark: set.faqMin,
      asks: t("explain.kgAsks", {
        min: percent(set.faqMin),
        max: percent(set.faqMax),
        exact: percent(set.faqExact),
      }),
    },
  ];
  return (
    <section aria-labelledby="engines-heading">
      <Title order={2} id="engines-heading" mb="sm">
        {t("explain.engines")}
      </Title>
      <div className="engines">
      {engines.map((engine) => {
        const found = made.ranking
          .flatMap((one) => {
            const score = engine.of(one);
            return score === undefined ? [] : [{ one, score }];
          })
          .sort((a, b) => b.score - a.score);
        return (
          <section key={engine.id} className="card" aria-labelledby={`engine-${engine.id}`}>
            <Title order={3} id={`engine-${engine.id}`}>
              {engine.title}
            </Title>
            <Text size="xs" c="dimmed" mb="xs">
              {engine.asks}
            </Text>
            {found.length === 0 ? (
              <Text size="sm">{t("explain.nothing")}</Text>
            ) : (
              <ul className="bars">
                {found.slice(0, 8).map(({ one, score }) => (
                  <li key={`${one.type} ${one.id}`}>
                    <span className="bar-name">{one.name}</span>
                    <Meter value={score} text={percent(score)} mark={engine.mark} />
                  </li>
                ))}
              </ul>
            )}
          </section>
        );
      })}
      </div>
    </section>
  );
}

function Ranking({ made }: { made: Explanation }) {
  const { thresholds: set } = made;
  return (
    <section aria-labelledby="ranking-heading">
      <Title order={2} id="ranking-heading">
        {t("chat.ranking")}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t("explain.rrAsks", { tolerance: percent(set.rrTolerance) })}{" "}
        {t(set.preferDefinitive ? "explain.prefers" : "explain.prefersNot")}{" "}
        {t(set.negativePatterns ? "explain.negativeOn" : "explain.negativeOff")}
      </Text>
      {made.ranking.length === 0 ? (
        <Text>{t("chat.noRanking")}</Text>
      ) : (
        <Rows label={t("explain.candidates")} minWidth={720}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("chat.intent")}</Table.Th>
              <Table.Th>{t("chat.kind")}</Table.Th>
              <Table.Th>{t("explain.via")}</Table.Th>
              <Table.Th>{t("chat.score")}</Table.Th>
              <Table.Th>{t("explain.outcome")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {made.ranking.map((one) => (
              <Table.Tr key={`${one.type} ${one.id}`}>
                <Table.Td fw={one.won ? 600 : undefined}>{one.name}</Table.Td>
                <Table.Td>{tOr(`chat.kinds.${one.type}`, one.type)}</Table.Td>
                <Table.Td>{one.via.map((mark) => tOr(`explain.marks.${mark}`, mark)).join(", ")}</Table.Td>
                <Table.Td>
                  <Meter value={one.score} text={percent(one.score)} />
                </Table.Td>
                <Table.Td>
                  <Group gap={6}>
                    {one.won ? (
                      <Badge color="teal" c="var(--mantine-color-text)">
                        {t("explain.won")}
                      </Badge>
                    ) : (
                      <span>{one.reason ?? t("explain.lost")}</span>
                    )}
                    {one.definitive && (
                      <Badge color="gray" c="var(--mantine-color-text)">
                        {t("explain.certain")}
                      </Badge>
                    )}
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Rows>
      )}
    </section>
  );
}

function Entities({ made }: { made: Explanation }) {
  return (
    <section aria-labelledby="entities-heading">
      <Title order={2} id="entities-heading" mb="sm">
        {t("explain.entities")}
      </Title>
      {made.entities.length === 0 ? (
        <Text>{t("explain.noEntities")}</Text>
      ) : (
        <Rows label={t("explain.entityValues")} minWidth={480}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("explain.entity")}</Table.Th>
              <Table.Th>{t("explain.type")}</Table.Th>
              <Table.Th>{t("explain.words")}</Table.Th>
              <Table.Th>{t("explain.value")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {made.entities.map((one, i) => (
              <Table.Tr key={i}>
                <Table.Td fw={500}>{one.entity}</Table.Td>
                <Table.Td>{one.type}</Table.Td>
                <Table.Td>{one.words}</Table.Td>
                <Table.Td className="mono">{one.value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Rows>
      )}
    </section>
  );
}

/** Makes the utterance a training line of an intent. */
function AddTo({ botId, asked }: { botId: string; asked: Asked }) {
  const may = useMay("agents");
  const intents = useQuery(intentsQuery(botId, asked.made.language));
  const [intent, setIntent] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  if (!may || !intents.data || intents.data.items.length === 0) return null;
  const add = async () => {
    if (!intent || busy) return;
    setBusy(true);
    try {
      const params = { path: { botId, intentId: intent }, query: { language: asked.made.language } };
      const body = { lines: [{ text: asked.text, tags: [] }] };
      const done = await take(
        api.POST("/agents/{botId}/training/intents/{intentId}/lines", { params, body }),
      );
      await changed(botId);
      succeeded(t("train.added", { count: done.added, repeated: done.repeated }));
    } catch (problem) {
      failed(problem);
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
      <Group align="flex-end" gap="sm">
        <Select
          label={t("explain.addTo")}
          searchable
          w={300}
          maw="100%"
          value={intent}
          onChange={setIntent}
          data={intents.data.items.map((one) => ({ value: one.id, label: one.name }))}
        />
        <Button type="submit" variant="default" loading={busy} disabled={!intent}>
          {t("explain.add")}
        </Button>
      </Group>
    </form>
  );
}
