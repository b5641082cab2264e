import { Alert, Anchor, Badge, Button, Checkbox, FileInput, Group, List, Modal, SegmentedControl, Stack, Table, TagsInput, Text, TextInput, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { api, ApiError, BASE, take } from "../api/client";
import { agentQuery, client } from "../api/queries";
import { conversationRunQuery, conversationSuitesQuery, type ConversationRun, type ConversationSuite, type OutputVerdict, type StepVerdict } from "../api/train";
import type { Job } from "../api/types";
import { Failure, Loaded } from "../parts/Failure";
import { WrongRows } from "../parts/Files";
import { JobLine } from "../parts/JobLine";
import { languageName, LanguageSelect } from "../parts/LanguageSelect";
import { Need, useMay } from "../parts/Need";
import { failed, succeeded } from "../parts/notify";
import { focusHeading, PageHead } from "../parts/PageHead";
import { usePages } from "../parts/Pages";
import { Rows } from "../parts/Rows";
import { State } from "../parts/State";
import { when } from "../parts/time";
import { useRunning } from "../parts/TrainButton";
import { TypedName } from "../parts/TypedName";
import { t } from "../strings";
import { RegressionViews } from "./BatchTests";
import { Figure } from "./Training";

const HERE = "/signed-in/builder/$botId/testing/conversation";
const IMPORT = "conversation_test_import";

/** What the page's address says. */
export interface ConversationSearch {
  suite?: string;
  run?: string;
  dialog?: "new";
}

const refresh = (botId: string) => client.invalidateQueries({ queryKey: ["conversations", botId] });
const at = (botId: string, suite: string) =>
  `${BASE}/agents/${encodeURIComponent(botId)}/conversation-suites/${encodeURIComponent(suite)}`;

/** Suites of whole conversations, and how runs came out, step by step and node by node. */
export function ConversationTests() {
  const { botId } = useParams({ from: HERE });
  const search = useSearch({ from: HERE });
  const navigate = useNavigate();
  const agent = useQuery(agentQuery(botId));
  const suites = useQuery(conversationSuitesQuery(botId));
  const importing = useRunning(botId, IMPORT);
  const may = useMay("agents");
  const go = (next: ConversationSearch) =>
    void navigate({ to: "/builder/$botId/testing/conversation", params: { botId }, search: next });
  const over = useCallback(() => void refresh(botId), [botId]);
  const create = may && <Button onClick={() => go({ ...search, dialog: "new" })}>{t("conversation.new")}</Button>;
  return (
    <>
      <PageHead
        title={t("batch.heading")}
        purpose={t("conversation.purpose")}
        agent={agent.data?.name}
        actions={suites.data && suites.data.items.length > 0 ? create : undefined}
      />
      <RegressionViews botId={botId} />
      <Need permission="view">
        <Stack>
          {importing && search.dialog !== "new" && <JobLine key={importing} jobId={importing} onOver={over} />}
          <Loaded query={suites}>
            {({ items }) => {
              const chosen = items.find((one) => one.name === search.suite) ?? items[0];
              if (!chosen) return <Rows.Empty text={t("conversation.empty")}>{create}</Rows.Empty>;
              return (
                <div className="split" data-wide>
                  <SuiteList botId={botId} items={items} chosen={chosen} />
                  <SuiteView
                    key={chosen.name}
                    botId={botId}
                    suite={chosen}
                    run={search.run}
                    go={go}
                    published={agent.data?.state === "published"}
                  />
                </div>
              );
            }}
          </Loaded>
        </Stack>
        {search.dialog === "new" && (
          <NewSuite
            botId={botId}
            languages={agent.data?.languages ?? []}
            trained={agent.data?.trained ?? true}
            close={(suite) => go(suite ? { suite } : { ...search, dialog: undefined })}
          />
        )}
      </Need>
    </>
  );
}

function SuiteList({ botId, items, chosen }: { botId: string; items: ConversationSuite[]; chosen: ConversationSuite }) {
  return (
    <nav aria-label={t("batch.suites")}>
      <Text fw={500} mb={6}>
        {t("batch.suites")}
      </Text>
      <ul className="pick">
        {items.map((one) => (
          <li key={one.name}>
            <Link
              className="pick-link"
              to="/builder/$botId/testing/conversation"
              params={{ botId }}
              search={{ suite: one.name }}
              aria-current={one === chosen ? "true" : undefined}
            >
              <span className="pick-name">
                {one.name}
                <span className="pick-note">{[languageName(one.language), ...one.tags].join(" · ")}</span>
              </span>
              <span className="number pick-count">
                <span aria-hidden>{one.steps}</span>
                <span className="unseen">{t("conversation.steps", { count: one.steps })}</span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

interface SuiteProps {
  botId: string;
  suite: ConversationSuite;
  run?: string;
  go: (next: ConversationSearch) => void;
  published: boolean;
}

function SuiteView({ botId, suite, run: wanted, go, published }: SuiteProps) {
  const may = useMay("agents");
  const [copy, setCopy] = useState("draft");
  const [busy, setBusy] = useState(false);
  const [removing, setRemoving] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      const params = { path: { botId, suite: suite.name } };
      const body = { published: copy === "published" };
      const { jobId } = await take(api.POST("/agents/{botId}/conversation-suites/{suite}/runs", { params, body }));
      await refresh(botId);
      void client.invalidateQueries({ queryKey: ["jobs"] });
      go({ suite: suite.name, run: jobId });
    } catch (error) {
      failed(error);
    } finally {
      setBusy(false);
    }
  };
  const shown = suite.runs.find((one) => one.id === wanted) ?? suite.runs[0];
  return (
    <section aria-labelledby="suite-heading">
      <Group justify="space-between" mb="md" align="flex-start">
        <div>
          <Title order={2} id="suite-heading">
            {suite.name}
          </Title>
          <Text c="dimmed" size="sm">
            {[
              suite.description,
              t("conversation.steps", { count: suite.steps }),
              t("conversation.mocks", { count: suite.mocks }),
            ]
              .filter(Boolean)
              .join(" · ")}
          </Text>
        </div>
        <Group gap="xs">
          {may && (
            <>
              <SegmentedControl
                aria-label={t("batch.copy")}
                value={copy}
                onChange={setCopy}
                data={[
                  { value: "draft", label: t("chat.draft") },
                  { value: "published", label: t("chat.published"), disabled: !published },
                ]}
              />
              <Button loading={busy} onClick={() => void run()}>
                {t("batch.run")}
              </Button>
            </>
          )}
          <Button variant="default" component="a" href={`${at(botId, suite.name)}/export`} download>
            {t("conversation.export")}
          </Button>
          {may && (
            <Button variant="default" onClick={() => setRemoving(true)}>
              {t("batch.remove")}
            </Button>
          )}
        </Group>
      </Group>
      {!suite.validated && (
        <Alert color="orange" mb="md" icon={<IconAlertTriangle aria-hidden />}>
          {t("conversation.differing")}
        </Alert>
      )}
      {suite.runs.length === 0 || !shown ? (
        <Rows.Empty text={t("conversation.noRuns")} />
      ) : (
        <Stack gap="lg">
          <RunTable botId={botId} suite={suite} shown={shown} />
          <Report botId={botId} suite={suite} run={shown} />
        </Stack>
      )}
      {removing && (
        <TypedName
          title={t("batch.removeTitle")}
          name={suite.name}
          button={t("batch.remove")}
          close={() => setRemoving(false)}
          act={async () => {
            const params = { path: { botId, suite: suite.name } };
            await take(api.DELETE("/agents/{botId}/conversation-suites/{suite}", { params }));
            await refresh(botId);
            succeeded(t("batch.removed", { name: suite.name }), true);
            go({});
            focusHeading();
          }}
        >
          <Text>{t("batch.removeText", { name: suite.name, count: suite.runs.length })}</Text>
        </TypedName>
      )}
    </section>
  );
}

function RunState({ run }: { run: ConversationRun }) {
  if (run.state === "running") return <State kind="waiting" word={t("batch.running", { percent: run.percent })} />;
  if (run.state === "passed") return <State kind="good" word={t("conversation.passed")} />;
  return <State kind="warn" word={t("conversation.failed")} />;
}

function RunTable({ botId, suite, shown }: { botId: string; suite: ConversationSuite; shown: ConversationRun }) {
  const { rows, buttons } = usePages(suite.runs, suite.name);
  return (
    <div>
      <Title order={3} mb="xs">
        {t("batch.runs")}
      </Title>
      <Rows label={t("batch.runsOf", { name: suite.name })} minWidth={620}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("batch.started")}</Table.Th>
            <Table.Th>{t("chat.copy")}</Table.Th>
            <Table.Th>{t("common.state")}</Table.Th>
            <Table.Th>{t("conversation.stepsPassed")}</Table.Th>
            <Table.Th>{t("status.by")}</Table.Th>
            <Table.Th>{t("batch.report")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((run) => (
            <Table.Tr key={run.id} data-current={run.id === shown.id || undefined}>
              <Table.Td>
                <Link
                  className="plain-link"
                  to="/builder/$botId/testing/conversation"
                  params={{ botId }}
                  search={{ suite: suite.name, run: run.id }}
                  aria-current={run.id === shown.id ? "true" : undefined}
                >
                  {when(run.startedAt)}
                </Link>
              </Table.Td>
              <Table.Td>{t(run.published ? "chat.published" : "chat.draft")}</Table.Td>
              <Table.Td>
                <RunState run={run} />
              </Table.Td>
              <Table.Td className="number">{run.passed == null ? "" : `${run.passed} / ${run.steps}`}</Table.Td>
              <Table.Td>{run.by}</Table.Td>
              <Table.Td>
                {run.passed != null && (
                  <Anchor size="sm" href={`${at(botId, suite.name)}/runs/${run.id}/report`} download>
                    {t("conversation.json")}
                  </Anchor>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Rows>
      {buttons}
    </div>
  );
}

function Report({ botId, suite, run }: { botId: string; suite: ConversationSuite; run: ConversationRun }) {
  const query = useQuery(conversationRunQuery(botId, suite.name, run.id, run.state));
  if (run.state === "running") {
    return <JobLine jobId={run.id} onOver={() => void refresh(botId)} />;
  }
  if (run.error) return <WrongRows rows={run.error.split("\n")} title={t("conversation.noResult")} />;
  return <Loaded query={query}>{({ items }) => <Steps items={items} run={run} />}</Loaded>;
}

function Steps({ items, run }: { items: StepVerdict[]; run: ConversationRun }) {
  const [only, setOnly] = useState(run.state !== "passed");
  const wrong = items.filter((one) => !one.passed);
  const shown = only ? wrong : items;
  const { rows, buttons } = usePages(shown, `${run.id} ${only}`);
  const outputs = items.flatMap((one) => one.outputs);
  return (
    <Stack>
      <div className="figures">
        <Figure label={t("conversation.stepsPassed")} value={`${items.length - wrong.length} / ${items.length}`} />
        <Figure
          label={t("conversation.outputsPassed")}
          value={`${outputs.filter((one) => one.passed).length} / ${outputs.length}`}
        />
        <Figure label={t("conversation.took")} value={t("conversation.ms", { ms: items.reduce((n, one) => n + one.duration, 0) })} />
      </div>
      <Group justify="space-between">
        <Title order={3}>{t("conversation.verdicts")}</Title>
        <Checkbox
          label={t("batch.onlyWrong", { count: wrong.length })}
          checked={only}
          onChange={(event) => setOnly(event.currentTarget.checked)}
        />
      </Group>
      {shown.length === 0 && <Alert color="teal">{t("conversation.allPassed")}</Alert>}
      <ol className="steps">
        {rows.map((one) => (
          <Step key={one.step} step={one} />
        ))}
      </ol>
      {buttons}
    </Stack>
  );
}

function Step({ step }: { step: StepVerdict }) {
  return (
    <li className="card">
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Text size="xs" c="dimmed" className="number">
            {[t("conversation.step", { number: step.step }), step.case].filter(Boolean).join(" · ")}
          </Text>
          <Text fw={500}>{step.input}</Text>
        </div>
        <State
          kind={step.passed ? "good" : "warn"}
          word={t(step.passed ? "conversation.passed" : "conversation.failed")}
        />
      </Group>
      <Stack gap="sm" mt="sm">
        {step.outputs.map((output, i) => (
          <Output key={i} output={output} />
        ))}
        {step.outputs.length === 0 && (
          <Text size="sm" c="dimmed">
            {t("conversation.silent")}
          </Text>
        )}
        {step.unmocked.length > 0 && (
          <Text size="sm">{t("conversation.unmocked", { names: step.unmocked.join(", ") })}</Text>
        )}
        <details>
          <summary>{t("conversation.path", { count: step.path.length })}</summary>
          <ol className="path">
            {step.path.map((node, i) => (
              <li key={i}>
                {node.name}
                <span className="pick-note">{[node.type, node.dialog].filter(Boolean).join(" · ")}</span>
              </li>
            ))}
          </ol>
        </details>
      </Stack>
    </li>
  );
}

function Output({ output }: { output: OutputVerdict }) {
  const checks = [
    [t("conversation.words"), output.text],
    [t("conversation.flow"), output.flow],
    [t("conversation.context"), output.context],
  ] as const;
  return (
    <div className="output" data-wrong={!output.passed || undefined}>
      <dl className="facts">
        <dt>{t("quality.expected")}</dt>
        <dd>{output.expected ?? t("conversation.nothing")}</dd>
        <dt>{t("conversation.said")}</dt>
        <dd>{output.actual ?? t("conversation.nothing")}</dd>
        {output.node && (
          <>
            <dt>{t("conversation.node")}</dt>
            <dd>{[output.node.name, output.node.type, output.node.dialog].filter(Boolean).join(" · ")}</dd>
          </>
        )}
        <dt>{t("conversation.checks")}</dt>
        <dd>
          {checks.map(([name, fits]) =>
            fits == null ? (
              <Badge key={name} color="gray" c="var(--mantine-color-text)">
                {t("conversation.unchecked", { name })}
              </Badge>
            ) : (
              <State key={name} kind={fits ? "good" : "warn"} word={t(fits ? "conversation.fits" : "conversation.differs", { name })} />
            ),
          )}
        </dd>
      </dl>
      {output.reasons.length > 0 && (
        <List size="sm">
          {output.reasons.map((reason, i) => (
            <List.Item key={i}>{reason}</List.Item>
          ))}
        </List>
      )}
    </div>
  );
}

interface NewProps {
  botId: string;
  languages: string[];
  trained: boolean;
  close: (suite?: string) => void;
}

function NewSuite({ botId, languages, trained, close }: NewProps) {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [tags, setTags] = useState<string[]>([]);
  const [language, setLanguage] = useState<string>();
  const [file, setFile] = useState<File | null>(null);
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [job, setJob] = useState<string>();
  const [refused, setRefused] = useState<string[]>();
  const [error, setError] = useState<unknown>();
  const wrong = (field: string) => (error instanceof ApiError ? error.field(field) : undefined);
  const over = useCallback(
    (ended: Job) => {
      void client.invalidateQueries({ queryKey: ["jobs"] });
      setBusy(false);
      setJob(undefined);
      if (ended.state !== "done") {
        setRefused((ended.error ?? ended.message).split("\n"));
        return;
      }
      void refresh(botId);
      succeeded(t("batch.saved", { name: name.trim() }));
      close(name.trim());
    },
    [botId, name, close],
  );
  const save = async () => {
    setMissing(!name.trim() || !file);
    if (!name.trim() || !file || busy) return;
    setBusy(true);
    setError(undefined);
    setRefused(undefined);
    try {
      const content = await file.text();
      const body = { name: name.trim(), description, tags, content, ...(language ? { language } : {}) };
      const params = { path: { botId } };
      setJob((await take(api.POST("/agents/{botId}/conversation-suites", { params, body }))).jobId);
      void client.invalidateQueries({ queryKey: ["jobs"] });
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={() => close()}
      title={t("conversation.new")}
      size="lg"
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack>
          {!trained && (
            <Alert color="orange" icon={<IconAlertTriangle aria-hidden />}>
              {t("conversation.untrained")}
            </Alert>
          )}
          <TextInput
            data-autofocus
            label={t("common.name")}
            required
            maxLength={100}
            value={name}
            error={wrong("name")}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label={t("batch.description")}
            maxLength={1000}
            value={description}
            error={wrong("description")}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          <TagsInput
            label={t("faqs.tags")}
            value={tags}
            maxLength={50}
            maxTags={20}
            error={wrong("tags")}
            onChange={setTags}
            comboboxProps={{ disabled: true }}
          />
          <LanguageSelect languages={languages} value={language ?? languages[0] ?? ""} change={setLanguage} />
          <FileInput
            label={t("conversation.file")}
            description={t("conversation.fileHint")}
            placeholder={t("import.choose")}
            accept=".json"
            required
            value={file}
            error={wrong("content")}
            onChange={setFile}
          />
          {missing && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {t("conversation.missing")}
            </Text>
          )}
          {job && <JobLine jobId={job} onOver={over} />}
          {refused && <WrongRows rows={refused} />}
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => close()}>
              {job ? t("common.close") : t("common.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {t("files.import")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
