import { Alert, Anchor, Group, Stack, Tabs, Text, TextInput, Title } from "@mantine/core";
import { IconInfoCircle, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "../api/client";
import { agentQuery } from "../api/queries";
import { intentQuery, intentsQuery, type Intent, type Intents as All } from "../api/train";
import { Loaded } from "../parts/Failure";
import { FileButtons, FileProgress } from "../parts/Files";
import { LanguageSelect } from "../parts/LanguageSelect";
import { Lines } from "../parts/Lines";
import { Need, useMay } from "../parts/Need";
import { PageHead } from "../parts/PageHead";
import { Patterns } from "../parts/Patterns";
import { PatternTester } from "../parts/PatternTester";
import { Rows } from "../parts/Rows";
import { TrainButton, TrainProgress } from "../parts/TrainButton";
import { t } from "../strings";

const HERE = "/signed-in/builder/$botId/training/intents";
/** Jobs that take utterances in and give them out. */
const KINDS: [string, string] = ["utterance_import", "utterance_export"];

/** What the page's address says. */
export interface IntentsSearch {
  intent?: string;
  language?: string;
  tab?: "patterns";
}

/** Intents left, what the chosen one is trained from right. */
export function Intents() {
  const { botId } = useParams({ from: HERE });
  const search = useSearch({ from: HERE });
  const navigate = useNavigate();
  const agent = useQuery(agentQuery(botId));
  const intents = useQuery(intentsQuery(botId, search.language));
  const may = useMay("agents");
  const ask = async (format: "csv" | "json") => {
    const params = { path: { botId } };
    const body = { format, published: false };
    return (await take(api.POST("/agents/{botId}/training/utterances/export", { params, body }))).jobId;
  };
  return (
    <>
      <PageHead
        title={t("train.title")}
        purpose={t("train.purpose")}
        agent={agent.data?.name}
        actions={
          <>
            {may && (
              <FileButtons
                botId={botId}
                kinds={KINDS}
                path="/training/utterances/import"
                ask={ask}
                title={t("train.importTitle")}
                text={t("train.importText")}
              />
            )}
            <TrainButton botId={botId} />
          </>
        }
      />
      <Need permission="view">
        <Stack>
          <TrainProgress botId={botId} />
          <FileProgress botId={botId} kinds={KINDS} />
          <Loaded query={intents}>
            {(data) => (
              <>
                <LanguageSelect
                  languages={data.languages}
                  value={data.language}
                  change={(language) =>
                    void navigate({ to: "/builder/$botId/training/intents", params: { botId }, search: { ...search, language } })
                  }
                />
                {data.items.length === 0 ? (
                  <Rows.Empty text={t("train.empty")} />
                ) : (
                  <Split botId={botId} data={data} search={search} />
                )}
              </>
            )}
          </Loaded>
        </Stack>
      </Need>
    </>
  );
}

function Split({ botId, data, search }: { botId: string; data: All; search: IntentsSearch }) {
  const [typed, setTyped] = useState("");
  const chosen = data.items.find((one) => one.id === search.intent) ??
    // what users talk to comes before the hidden ones of the system
    data.items.find((one) => !one.hidden) ??
    data.items[0];
  const wanted = typed.trim().toLowerCase();
  const found = data.items.filter((one) => one.name.toLowerCase().includes(wanted));
  return (
    <div className="split">
      <nav aria-label={t("train.intents")}>
        <TextInput
          label={t("train.search")}
          type="search"
          mb="xs"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        {found.length === 0 && <Text>{t("common.noResults")}</Text>}
        <ul className="pick" tabIndex={-1}>
          {found.map((one) => (
            <li key={one.id}>
              <Link
                className="pick-link"
                to="/builder/$botId/training/intents"
                params={{ botId }}
                search={{ ...search, intent: one.id }}
                aria-current={one.id === chosen?.id ? "true" : undefined}
              >
                <span className="pick-name">
                  {one.name}
                  {one.parent && <span className="pick-note">{t("train.inside", { name: one.parent })}</span>}
                </span>
                <span className="number pick-count">
                  <span aria-hidden>{one.utterances}</span>
                  <span className="unseen">{t("train.utterances", { count: one.utterances })}</span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {chosen && <Chosen key={chosen.id} botId={botId} data={data} search={search} intent={chosen} />}
    </div>
  );
}

interface ChosenProps {
  botId: string;
  data: All;
  search: IntentsSearch;
  intent: Intent;
}

function Chosen({ botId, data, search, intent }: ChosenProps) {
  const navigate = useNavigate();
  const detail = useQuery(intentQuery(botId, intent.id, search.language));
  const config = `/builder/${botId}/training/config`;
  return (
    <section aria-labelledby="intent-heading">
      <Title order={2} id="intent-heading" mb="xs">
        {intent.name}
      </Title>
      <Tabs
        value={search.tab ?? "lines"}
        keepMounted={false}
        onChange={(tab) =>
          void navigate({
            to: "/builder/$botId/training/intents",
            params: { botId },
            search: { ...search, intent: intent.id, tab: tab === "patterns" ? "patterns" : undefined },
          })
        }
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="lines">{t("train.lineTab", { count: intent.utterances })}</Tabs.Tab>
          <Tabs.Tab value="patterns">
            {t("train.patternTab", { count: intent.patterns + intent.negativePatterns })}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="lines">
          <Loaded query={detail}>
            {(found) => (
              <Lines botId={botId} intent={intent} language={data.language} lines={found.lines} entities={data.entities} />
            )}
          </Loaded>
        </Tabs.Panel>
        <Tabs.Panel value="patterns">
          <Stack>
            {!data.negativePatterns && (
              <Alert color="gray" icon={<IconInfoCircle aria-hidden />}>
                <Group gap="xs">
                  <Text size="sm">{t("train.negativeOff")}</Text>
                  <Anchor component={Link} to={config} size="sm">
                    {t("train.toConfig")}
                  </Anchor>
                </Group>
              </Alert>
            )}
            <Loaded query={detail}>
              {(found) => (
                <>
                  <Patterns key={found.patternsTag} botId={botId} intent={intent} language={data.language} detail={found} />
                  <PatternTester botId={botId} language={data.language} patterns={found.patterns} />
                </>
              )}
            </Loaded>
          </Stack>
        </Tabs.Panel>
      </Tabs>
    </section>
  );
}
