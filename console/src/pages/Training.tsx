import { Alert, Badge, Button, Group, List, Stack, Table, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { api, take } from "../api/client";
import { agentQuery, client } from "../api/queries";
import { overviewQuery, qualityQuery, type Overview, type QualityReport, type TrainingLanguage } from "../api/train";
import { Confusion, type Pair } from "../parts/Confusion";
import { Loaded } from "../parts/Failure";
import { JobLine } from "../parts/JobLine";
import { languageName, LanguageSelect } from "../parts/LanguageSelect";
import { Meter } from "../parts/Meter";
import { Need, useMay } from "../parts/Need";
import { failed } from "../parts/notify";
import { PageHead } from "../parts/PageHead";
import { Rows } from "../parts/Rows";
import { State } from "../parts/State";
import { when } from "../parts/time";
import { TrainButton, TrainProgress } from "../parts/TrainButton";
import { t, tOr } from "../strings";

const HERE = "/signed-in/builder/$botId/training/status";

const percent = (n: number) => `${Math.round(n * 1000) / 10} %`;

/** How training stands, what was trained before, and how good the training data is. */
export function Training() {
  const { botId } = useParams({ from: HERE });
  const { language } = useSearch({ from: HERE });
  const agent = useQuery(agentQuery(botId));
  const overview = useQuery(overviewQuery(botId));
  return (
    <>
      <PageHead
        title={t("status.title")}
        purpose={t("status.purpose")}
        agent={agent.data?.name}
        actions={<TrainButton botId={botId} />}
      />
      <Need permission="view">
        <Stack gap="xl">
          <TrainProgress botId={botId} />
          <Loaded query={overview}>
            {(data) => (
              <>
                <Languages data={data} />
                <Quality botId={botId} language={language} languages={data.languages.map((one) => one.code)} />
                <History data={data} />
              </>
            )}
          </Loaded>
        </Stack>
      </Need>
    </>
  );
}

function stateOf(one: TrainingLanguage) {
  if (one.state === "running") return <State kind="waiting" word={t("status.running")} />;
  if (one.state === "failed") return <State kind="warn" word={t("status.failed")} />;
  if (!one.model) return <State kind="none" word={t("agents.untrained")} />;
  if (!one.current) return <State kind="waiting" word={t("agents.stale")} />;
  return <State kind="good" word={t("agents.trained")} />;
}

function Languages({ data }: { data: Overview }) {
  return (
    <section aria-labelledby="models-heading">
      <Title order={2} id="models-heading" mb="sm">
        {t("status.models")}
      </Title>
      <Stack>
        <Alert color="gray" icon={<IconInfoCircle aria-hidden />}>
          {t(data.encoder ? "status.encoderOn" : "status.encoderOff")} {data.outdated && t("status.outdated")}
        </Alert>
        <Rows label={t("status.table")} minWidth={820}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("train.language")}</Table.Th>
              <Table.Th>{t("common.state")}</Table.Th>
              <Table.Th>{t("status.tier")}</Table.Th>
              <Table.Th>{t("status.content")}</Table.Th>
              <Table.Th>{t("status.made")}</Table.Th>
              <Table.Th>{t("status.changed")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.languages.map((one) => (
              <Table.Tr key={one.code}>
                <Table.Td fw={500}>{languageName(one.code)}</Table.Td>
                <Table.Td>
                  {stateOf(one)}
                  {one.error && (
                    <Text size="xs" mt={4}>
                      {one.error}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>
                  {one.model
                    ? t(one.model.tier === "b" ? "status.tierB" : "status.tierA")
                    : t("common.none")}
                </Table.Td>
                <Table.Td className="number">
                  {one.model &&
                    t("status.counts", {
                      intents: one.model.intents,
                      utterances: one.model.utterances,
                      faqs: one.model.faqs,
                    })}
                </Table.Td>
                <Table.Td className="number">
                  {one.model && t("status.madeAt", { time: when(one.model.at), ms: one.model.tookMs })}
                </Table.Td>
                <Table.Td>
                  {one.changed.length > 0
                    ? one.changed.map((part) => tOr(`status.parts.${part}`, part)).join(", ")
                    : t("common.none")}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Rows>
      </Stack>
    </section>
  );
}

function History({ data }: { data: Overview }) {
  return (
    <section aria-labelledby="history-heading">
      <Title order={2} id="history-heading" mb="sm">
        {t("status.history")}
      </Title>
      {data.history.length === 0 ? (
        <Text>{t("status.noHistory")}</Text>
      ) : (
        <Rows label={t("status.historyTable")} minWidth={640}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("status.asked")}</Table.Th>
              <Table.Th>{t("common.state")}</Table.Th>
              <Table.Th>{t("status.by")}</Table.Th>
              <Table.Th>{t("status.outcome")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.history.map((one) => (
              <Table.Tr key={one.jobId}>
                <Table.Td>{when(one.askedAt)}</Table.Td>
                <Table.Td>
                  <State
                    kind={one.state === "done" ? "good" : one.state === "failed" ? "warn" : "waiting"}
                    word={t(`jobs.${one.state}`)}
                  />
                </Table.Td>
                <Table.Td>{one.by ?? t("status.system")}</Table.Td>
                <Table.Td>
                  {one.error ??
                    (one.anew == null
                      ? ""
                      : t("status.anew", {
                          count: one.anew,
                          languages: one.languages.map(languageName).join(", "),
                        }))}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Rows>
      )}
    </section>
  );
}

interface QualityProps {
  botId: string;
  language?: string;
  languages: string[];
}

function Quality({ botId, language, languages }: QualityProps) {
  const navigate = useNavigate();
  const may = useMay("agents");
  const quality = useQuery(qualityQuery(botId, language));
  const [starting, setStarting] = useState(false);
  const refresh = useCallback(
    () => void client.invalidateQueries({ queryKey: ["train", botId, "quality"] }),
    [botId],
  );
  const test = async () => {
    setStarting(true);
    try {
      const body = language ? { language } : {};
      await take(api.POST("/agents/{botId}/training/quality", { params: { path: { botId } }, body }));
      await client.invalidateQueries({ queryKey: ["train", botId, "quality"] });
      void client.invalidateQueries({ queryKey: ["jobs"] });
    } catch (error) {
      failed(error);
    } finally {
      setStarting(false);
    }
  };
  return (
    <section aria-labelledby="quality-heading">
      <Group justify="space-between" align="flex-end" mb="sm">
        <div>
          <Title order={2} id="quality-heading">
            {t("quality.title")}
          </Title>
          <Text size="sm" c="dimmed">
            {t("quality.purpose")}
          </Text>
        </div>
        <Group align="flex-end">
          <LanguageSelect
            languages={languages}
            value={language ?? languages[0] ?? ""}
            change={(code) =>
              void navigate({ to: "/builder/$botId/training/status", params: { botId }, search: { language: code } })
            }
          />
          {may && (
            <Button variant="default" loading={starting} disabled={!!quality.data?.running} onClick={() => void test()}>
              {t("quality.test")}
            </Button>
          )}
        </Group>
      </Group>
      <Loaded query={quality}>
        {(data) => (
          <Stack>
            {data.running && <JobLine key={data.running} jobId={data.running} onOver={refresh} />}
            {data.failed != null && !data.running && (
              <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={t("quality.failed")}>
                {data.failed}
              </Alert>
            )}
            {data.report ? (
              <Report botId={botId} report={data.report} />
            ) : (
              !data.running && <Rows.Empty text={t("quality.empty")} />
            )}
          </Stack>
        )}
      </Loaded>
    </section>
  );
}

function Report({ botId, report }: { botId: string; report: QualityReport }) {
  const to = (intent: string) => ({
    to: "/builder/$botId/training/intents" as const,
    params: { botId },
    search: { intent, language: report.language },
  });
  const pairs: Pair[] = [
    ...report.confusions.map((one) => ({ expected: one.expectedName, found: one.foundName, count: one.count })),
    ...report.intents.map((one) => ({ expected: one.name, found: one.name, count: one.right })),
  ];
  return (
    <Stack gap="lg">
      {report.stale && (
        <Alert color="yellow" icon={<IconInfoCircle aria-hidden />}>
          {t("quality.stale")}
        </Alert>
      )}
      <div className="figures">
        <Figure label={t("quality.right")} value={percent(report.tested ? report.right / report.tested : 0)} />
        <Figure label={t("quality.tested")} value={String(report.tested)} />
        <Figure label={t("quality.unknown")} value={String(report.nothing)} />
        <Figure label={t("status.tier")} value={t(report.tier === "b" ? "status.tierB" : "status.tierA")} />
      </div>
      <Text size="xs" c="dimmed">
        {t("quality.how", { folds: report.folds, time: when(report.at) })}
      </Text>
      {report.suggestions.length > 0 && (
        <div className="card">
          <Title order={3} mb="xs">
            {t("quality.suggestions")}
          </Title>
          <List size="sm" spacing={4}>
            {report.suggestions.slice(0, 12).map((one, i) => (
              <List.Item key={i}>
                <Link className="plain-link" {...to(one.intent)}>
                  {one.name}
                </Link>
                {": "}
                {t(`quality.mend.${one.mend as "noLines" | "fewLines" | "lowRecall" | "lowPrecision" | "overlaps"}`, {
                  count: one.count,
                })}
              </List.Item>
            ))}
          </List>
        </div>
      )}
      <div>
        <Title order={3} mb="xs">
          {t("quality.byIntent")}
        </Title>
        <Rows label={t("quality.byIntent")} minWidth={640}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("chat.intent")}</Table.Th>
              <Table.Th>{t("quality.lines")}</Table.Th>
              <Table.Th w={200}>{t("quality.recall")}</Table.Th>
              <Table.Th w={200}>{t("quality.precision")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {report.intents.slice(0, 100).map((one) => (
              <Table.Tr key={one.id}>
                <Table.Td>
                  <Link className="plain-link" {...to(one.id)}>
                    {one.name}
                  </Link>
                </Table.Td>
                <Table.Td className="number">{one.lines}</Table.Td>
                <Table.Td>
                  {one.tested > 0 ? (
                    <Meter value={one.recall * 100} text={String(Math.round(one.recall * 100))} />
                  ) : (
                    <Text size="xs" c="dimmed">
                      {t("quality.untested")}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>
                  {one.tested > 0 && (
                    <Meter value={one.precision * 100} text={String(Math.round(one.precision * 100))} />
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Rows>
      </div>
      {report.confusions.length > 0 && (
        <div>
          <Title order={3} mb="xs">
            {t("quality.confusions")}
          </Title>
          <Confusion pairs={pairs} label={t("quality.confusionTable")} />
          <Rows label={t("quality.confusionList")} minWidth={640}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("quality.expected")}</Table.Th>
                <Table.Th>{t("quality.found")}</Table.Th>
                <Table.Th>{t("quality.count")}</Table.Th>
                <Table.Th>{t("quality.examples")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {report.confusions.slice(0, 50).map((one, i) => (
                <Table.Tr key={i}>
                  <Table.Td>{one.expectedName}</Table.Td>
                  <Table.Td>{one.foundName || t("quality.nothing")}</Table.Td>
                  <Table.Td className="number">{one.count}</Table.Td>
                  <Table.Td>{one.lines.join(" · ")}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Rows>
        </div>
      )}
      {report.overlaps.length > 0 && (
        <div>
          <Title order={3} mb="xs">
            {t("quality.overlaps")}
          </Title>
          <Rows label={t("quality.overlapTable")} minWidth={640}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("quality.one")}</Table.Th>
                <Table.Th>{t("quality.other")}</Table.Th>
                <Table.Th>{t("quality.common")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {report.overlaps.slice(0, 50).map((one, i) => (
                <Table.Tr key={i}>
                  <Table.Td>
                    {one.leftText} <Badge color="gray" c="var(--mantine-color-text)">{one.leftName}</Badge>
                  </Table.Td>
                  <Table.Td>
                    {one.rightText} <Badge color="gray" c="var(--mantine-color-text)">{one.rightName}</Badge>
                  </Table.Td>
                  <Table.Td className="number">{percent(one.score)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Rows>
        </div>
      )}
    </Stack>
  );
}

/** One number that matters, with what it counts. */
export function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div className="card figure">
      <div className="figure-value number">{value}</div>
      <div className="figure-label">{label}</div>
    </div>
  );
}
