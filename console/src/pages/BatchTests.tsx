import { Alert, Anchor, Badge, Button, Checkbox, FileInput, Group, Modal, Radio, SegmentedControl, Stack, Table, Text, Textarea, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, BASE, take } from "../api/client";
import { agentQuery, client } from "../api/queries";
import { runQuery, suitesQuery, type Case, type Suite, type TestRun } from "../api/train";
import { Confusion } from "../parts/Confusion";
import { Failure, Loaded } from "../parts/Failure";
import { languageName, LanguageSelect } from "../parts/LanguageSelect";
import { Meter } from "../parts/Meter";
import { Need, useMay } from "../parts/Need";
import { failed, succeeded } from "../parts/notify";
import { focusHeading, PageHead } from "../parts/PageHead";
import { usePages } from "../parts/Pages";
import { Rows } from "../parts/Rows";
import { State } from "../parts/State";
import { when } from "../parts/time";
import { TypedName } from "../parts/TypedName";
import { Views } from "../parts/Views";
import { t } from "../strings";
import { Figure } from "./Training";

const HERE = "/signed-in/builder/$botId/testing/batch";

/** What the page's address says. */
export interface BatchSearch {
  suite?: string;
  run?: string;
  with?: string;
  dialog?: "new";
}

const percent = (n: number) => `${Math.round(n * 1000) / 10} %`;
const refresh = (botId: string) => client.invalidateQueries({ queryKey: ["suites", botId] });

/** Suites of utterances with what is expected of them, and their runs. */
export function BatchTests() {
  const { botId } = useParams({ from: HERE });
  const search = useSearch({ from: HERE });
  const navigate = useNavigate();
  const agent = useQuery(agentQuery(botId));
  const suites = useQuery(suitesQuery(botId));
  const may = useMay("agents");
  const go = (next: BatchSearch) =>
    void navigate({ to: "/builder/$botId/testing/batch", params: { botId }, search: next });
  const create = may && <Button onClick={() => go({ ...search, dialog: "new" })}>{t("batch.new")}</Button>;
  return (
    <>
      <PageHead
        title={t("batch.heading")}
        purpose={t("batch.purpose")}
        agent={agent.data?.name}
        actions={suites.data && suites.data.items.length > 0 ? create : undefined}
      />
      <RegressionViews botId={botId} />
      <Need permission="view">
        <Loaded query={suites}>
          {({ items }) => {
            const chosen = items.find((one) => one.name === search.suite) ?? items[0];
            if (!chosen) return <Rows.Empty text={t("batch.empty")}>{create}</Rows.Empty>;
            return (
              <div className="split" data-wide>
                <nav aria-label={t("batch.suites")}>
                  <Text fw={500} mb={6}>
                    {t("batch.suites")}
                  </Text>
                  <ul className="pick">
                    {items.map((one) => (
                      <li key={one.name}>
                        <Link
                          className="pick-link"
                          to="/builder/$botId/testing/batch"
                          params={{ botId }}
                          search={{ suite: one.name }}
                          aria-current={one === chosen ? "true" : undefined}
                        >
                          <span className="pick-name">
                            {one.name}
                            <span className="pick-note">{languageName(one.language)}</span>
                          </span>
                          <span className="number pick-count">
                            <span aria-hidden>{one.cases}</span>
                            <span className="unseen">{t("batch.cases", { count: one.cases })}</span>
                          </span>
                        </Link>
                      </li>
                    ))}
                  </ul>
                </nav>
                <SuiteView
                  key={chosen.name}
                  botId={botId}
                  suite={chosen}
                  search={search}
                  go={go}
                  published={agent.data?.state === "published"}
                />
              </div>
            );
          }}
        </Loaded>
        {search.dialog === "new" && (
          <NewSuite
            botId={botId}
            languages={agent.data?.languages ?? []}
            close={(suite) => go(suite ? { suite } : { ...search, dialog: undefined })}
          />
        )}
      </Need>
    </>
  );
}

/** The two kinds of tests that are run again and again. */
export function RegressionViews({ botId }: { botId: string }) {
  const base = `/builder/${botId}/testing`;
  return (
    <Views
      label={t("batch.heading")}
      items={[
        { to: `${base}/batch`, label: t("batch.title") },
        { to: `${base}/conversation`, label: t("conversation.title") },
      ]}
    />
  );
}

interface SuiteProps {
  botId: string;
  suite: Suite;
  search: BatchSearch;
  go: (next: BatchSearch) => void;
  published: boolean;
}

function SuiteView({ botId, suite, search, go, published }: SuiteProps) {
  const may = useMay("agents");
  const [copy, setCopy] = useState("draft");
  const [busy, setBusy] = useState(false);
  const [removing, setRemoving] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      const params = { path: { botId, suite: suite.name } };
      const body = { published: copy === "published" };
      await take(api.POST("/agents/{botId}/test-suites/{suite}/runs", { params, body }));
      await refresh(botId);
      void client.invalidateQueries({ queryKey: ["jobs"] });
    } catch (error) {
      failed(error);
    } finally {
      setBusy(false);
    }
  };
  const done = suite.runs.filter((one) => one.state === "done");
  const first = done.find((one) => one.id === search.run) ?? done[0];
  const second = done.find((one) => one.id === search.with && one.id !== first?.id);
  return (
    <section aria-labelledby="suite-heading">
      <Group justify="space-between" mb="md" align="flex-start">
        <div>
          <Title order={2} id="suite-heading">
            {suite.name}
          </Title>
          <Text c="dimmed" size="sm">
            {[suite.description, t("batch.cases", { count: suite.cases })].filter(Boolean).join(" · ")}
          </Text>
        </div>
        {may && (
          <Group gap="xs">
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
            <Button variant="default" onClick={() => setRemoving(true)}>
              {t("batch.remove")}
            </Button>
          </Group>
        )}
      </Group>
      {suite.runs.length === 0 ? (
        <Rows.Empty text={t("batch.noRuns")} />
      ) : (
        <Stack gap="lg">
          <RunTable botId={botId} suite={suite} first={first} second={second} go={go} />
          {first && second && <Compared botId={botId} suite={suite} first={first} second={second} />}
          {first && !second && <Result botId={botId} suite={suite} run={first} />}
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
            await take(api.DELETE("/agents/{botId}/test-suites/{suite}", { params }));
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

interface RunsProps {
  botId: string;
  suite: Suite;
  first?: TestRun;
  second?: TestRun;
  go: (next: BatchSearch) => void;
}

function RunTable({ botId, suite, first, second, go }: RunsProps) {
  const chosen = [first?.id, second?.id];
  const pick = (id: string, on: boolean) => {
    if (!on) {
      const rest = chosen.filter((one) => one && one !== id);
      go({ suite: suite.name, run: rest[0] });
    } else if (first && first.id !== id) go({ suite: suite.name, run: first.id, with: id });
    else go({ suite: suite.name, run: id });
  };
  return (
    <div>
      <Title order={3} mb={4}>
        {t("batch.runs")}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {t("batch.compareHint")}
      </Text>
      <Rows label={t("batch.runsOf", { name: suite.name })} minWidth={720}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={40}>
              <span className="unseen">{t("batch.show")}</span>
            </Table.Th>
            <Table.Th>{t("batch.started")}</Table.Th>
            <Table.Th>{t("chat.copy")}</Table.Th>
            <Table.Th>{t("common.state")}</Table.Th>
            <Table.Th>{t("batch.right")}</Table.Th>
            <Table.Th>{t("batch.precision")}</Table.Th>
            <Table.Th>{t("batch.recall")}</Table.Th>
            <Table.Th>{t("batch.f1")}</Table.Th>
            <Table.Th>{t("batch.report")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {suite.runs.map((run) => {
            const sum = run.counters;
            return (
              <Table.Tr key={run.id}>
                <Table.Td>
                  <Checkbox
                    aria-label={t("batch.pick", { time: when(run.startedAt) })}
                    disabled={run.state !== "done"}
                    checked={chosen.includes(run.id)}
                    onChange={(event) => pick(run.id, event.currentTarget.checked)}
                  />
                </Table.Td>
                <Table.Td>{when(run.startedAt)}</Table.Td>
                <Table.Td>{t(run.published ? "chat.published" : "chat.draft")}</Table.Td>
                <Table.Td>
                  {run.state === "running" ? (
                    <State kind="waiting" word={t("batch.running", { percent: run.percent })} />
                  ) : run.state === "failed" ? (
                    <State kind="warn" word={t("jobs.failed")} />
                  ) : (
                    <State kind="good" word={t("jobs.done")} />
                  )}
                </Table.Td>
                <Table.Td className="number">{sum ? `${sum.success} / ${sum.success + sum.failure}` : ""}</Table.Td>
                <Table.Td className="number">{sum && percent(sum.precision)}</Table.Td>
                <Table.Td className="number">{sum && percent(sum.recall)}</Table.Td>
                <Table.Td className="number">{sum && percent(sum.f1)}</Table.Td>
                <Table.Td>
                  {run.state === "done" && (
                    <Anchor
                      size="sm"
                      href={`${BASE}/agents/${encodeURIComponent(botId)}/test-suites/${encodeURIComponent(suite.name)}/runs/${run.id}/report`}
                      download
                    >
                      {t("batch.csv")}
                    </Anchor>
                  )}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Rows>
    </div>
  );
}

function Result({ botId, suite, run }: { botId: string; suite: Suite; run: TestRun }) {
  const cases = useQuery(runQuery(botId, suite.name, run.id));
  const sum = run.counters;
  return (
    <Stack>
      {sum && (
        <div className="figures">
          <Figure label={t("batch.right")} value={`${sum.success} / ${sum.success + sum.failure}`} />
          <Figure label={t("batch.precision")} value={percent(sum.precision)} />
          <Figure label={t("batch.recall")} value={percent(sum.recall)} />
          <Figure label={t("batch.f1")} value={percent(sum.f1)} />
        </div>
      )}
      <Loaded query={cases}>{({ items }) => <Cases botId={botId} items={items} />}</Loaded>
    </Stack>
  );
}

function Cases({ botId, items }: { botId: string; items: Case[] }) {
  const [only, setOnly] = useState(true);
  const wrong = items.filter((one) => !one.right);
  const shown = only ? wrong : items;
  const { rows, buttons } = usePages(shown, String(only));
  const counts = new Map<string, { expected: string; found: string; count: number }>();
  for (const { expected, found } of items) {
    const key = JSON.stringify([expected, found]);
    const pair = counts.get(key) ?? { expected, found, count: 0 };
    pair.count++;
    counts.set(key, pair);
  }
  return (
    <Stack>
      <Confusion pairs={[...counts.values()]} label={t("batch.confusion")} />
      <Group justify="space-between">
        <Title order={3}>{t("batch.outcomes")}</Title>
        <Checkbox
          label={t("batch.onlyWrong", { count: wrong.length })}
          checked={only}
          onChange={(event) => setOnly(event.currentTarget.checked)}
        />
      </Group>
      {shown.length === 0 ? (
        <Alert color="teal">{t("batch.allRight")}</Alert>
      ) : (
        <Rows label={t("batch.outcomes")} minWidth={820}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("batch.utterance")}</Table.Th>
              <Table.Th>{t("quality.expected")}</Table.Th>
              <Table.Th>{t("quality.found")}</Table.Th>
              <Table.Th>{t("batch.scores")}</Table.Th>
              <Table.Th>{t("batch.why")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((one, i) => (
              <Table.Tr key={i}>
                <Table.Td>{one.input}</Table.Td>
                <Table.Td>{one.expected}</Table.Td>
                <Table.Td>
                  <Group gap={6}>
                    <State kind={one.right ? "good" : "warn"} word={one.found || t("quality.nothing")} />
                    {one.wrongEntities.length > 0 && (
                      <Badge color="orange" c="var(--mantine-color-text)">
                        {t("batch.entities", { names: one.wrongEntities.join(", ") })}
                      </Badge>
                    )}
                  </Group>
                </Table.Td>
                <Table.Td className="number">{one.foundScore}</Table.Td>
                <Table.Td>{one.elimination}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Rows>
      )}
      {buttons}
      <Anchor component={Link} to={`/builder/${botId}/testing/utterance/explain`} size="sm">
        {t("batch.toExplain")}
      </Anchor>
    </Stack>
  );
}

interface ComparedProps {
  botId: string;
  suite: Suite;
  first: TestRun;
  second: TestRun;
}

/** Two runs beside each other, the older one left: their figures, then each utterance whose values differ. */
function Compared({ botId, suite, first, second }: ComparedProps) {
  const [old, now] = first.startedAt <= second.startedAt ? [first, second] : [second, first];
  const left = useQuery(runQuery(botId, suite.name, old.id));
  const right = useQuery(runQuery(botId, suite.name, now.id));
  const was = old.counters;
  const is = now.counters;
  const shares = [
    [t("batch.precision"), was?.precision, is?.precision],
    [t("batch.recall"), was?.recall, is?.recall],
    [t("batch.f1"), was?.f1, is?.f1],
  ] as const;
  const counts = [
    [t("batch.right"), was?.success, is?.success],
    [t("batch.wrong"), was?.failure, is?.failure],
    [t("batch.tp"), was?.tp, is?.tp],
    [t("batch.tn"), was?.tn, is?.tn],
    [t("batch.fp"), was?.fp, is?.fp],
    [t("batch.fn"), was?.fn, is?.fn],
    [t("batch.wrongEntities"), was?.failedEntities, is?.failedEntities],
  ] as const;
  return (
    <Stack>
      <Title order={3}>{t("batch.compared")}</Title>
      <Rows label={t("batch.figures")} minWidth={560}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("batch.figure")}</Table.Th>
            {[old, now].map((run) => (
              <Table.Th key={run.id}>
                {when(run.startedAt)}
                <Text size="xs" c="dimmed">
                  {t(run.published ? "chat.published" : "chat.draft")}
                </Text>
              </Table.Th>
            ))}
            <Table.Th>{t("batch.difference")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shares.map(([name, before = 0, after = 0]) => (
            <Table.Tr key={name}>
              <Table.Td>{name}</Table.Td>
              <Table.Td>
                <Meter value={before * 100} text={percent(before)} />
              </Table.Td>
              <Table.Td>
                <Meter value={after * 100} text={percent(after)} />
              </Table.Td>
              <Table.Td className="number">{signed(Math.round((after - before) * 1000) / 10)}</Table.Td>
            </Table.Tr>
          ))}
          {counts.map(([name, before = 0, after = 0]) => (
            <Table.Tr key={name}>
              <Table.Td>{name}</Table.Td>
              <Table.Td className="number">{before}</Table.Td>
              <Table.Td className="number">{after}</Table.Td>
              <Table.Td className="number">{signed(after - before)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Rows>
      <Loaded query={left}>
        {(before) => (
          <Loaded query={right}>{(after) => <Differences before={before.items} after={after.items} />}</Loaded>
        )}
      </Loaded>
    </Stack>
  );
}

const signed = (n: number) => (n === 0 ? "0" : `${n > 0 ? "+" : "−"}${Math.abs(n)}`);

interface Pair {
  was?: Case;
  now?: Case;
}

/** The cases of two runs beside each other, also those that only one of them has. */
function paired(before: Case[], after: Case[]): Pair[] {
  const key = (one: Case) => `${one.input}\n${one.expected}`;
  const old = new Map(before.map((one) => [key(one), one]));
  const pairs: Pair[] = after.map((now) => {
    const was = old.get(key(now));
    old.delete(key(now));
    return { was, now };
  });
  return [...pairs, ...[...old.values()].map((was) => ({ was }))];
}

const outcome = (one?: Case) => JSON.stringify(one && [one.found, one.right, one.wrongEntities]);
const values = (one?: Case) => JSON.stringify(one && [one.foundScore, one.expectedScore, one.elimination]);

function Differences({ before, after }: { before: Case[]; after: Case[] }) {
  const [scores, setScores] = useState(false);
  const pairs = paired(before, after);
  const otherwise = pairs.filter(({ was, now }) => outcome(was) !== outcome(now));
  const found = scores ? pairs.filter(({ was, now }) => outcome(was) !== outcome(now) || values(was) !== values(now)) : otherwise;
  const { rows, buttons } = usePages(found, String(scores));
  const only = pairs.filter(({ was, now }) => outcome(was) === outcome(now) && values(was) !== values(now)).length;
  const cell = (one: Case | undefined) =>
    one ? (
      <Stack gap={2} align="flex-start">
        <State kind={one.right ? "good" : "warn"} word={one.found || t("quality.nothing")} />
        <Text size="xs" c="dimmed" className="number">
          {[one.foundScore, one.elimination].filter(Boolean).join(" · ")}
        </Text>
        {one.wrongEntities.length > 0 && (
          <Text size="xs">{t("batch.entities", { names: one.wrongEntities.join(", ") })}</Text>
        )}
      </Stack>
    ) : (
      t("batch.absent")
    );
  return (
    <>
      <Group justify="space-between">
        <Title order={3}>{t("batch.differences")}</Title>
        <Checkbox
          label={t("batch.scoresToo", { count: only })}
          checked={scores}
          onChange={(event) => setScores(event.currentTarget.checked)}
        />
      </Group>
      {found.length === 0 ? (
        <Alert color="gray">{t("batch.same")}</Alert>
      ) : (
        <Rows label={t("batch.differences")} minWidth={720}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("batch.utterance")}</Table.Th>
              <Table.Th>{t("quality.expected")}</Table.Th>
              <Table.Th>{t("batch.was")}</Table.Th>
              <Table.Th>{t("batch.now")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ was, now }, i) => (
              <Table.Tr key={i}>
                <Table.Td>{(now ?? was)?.input}</Table.Td>
                <Table.Td>{(now ?? was)?.expected || t("quality.nothing")}</Table.Td>
                <Table.Td>{cell(was)}</Table.Td>
                <Table.Td>{cell(now)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Rows>
      )}
      {buttons}
    </>
  );
}

interface NewProps {
  botId: string;
  languages: string[];
  close: (suite?: string) => void;
}

function NewSuite({ botId, languages, close }: NewProps) {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [language, setLanguage] = useState<string>();
  const [kind, setKind] = useState("manual");
  const [typed, setTyped] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const [replace, setReplace] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [missing, setMissing] = useState(false);
  const save = async () => {
    const given = kind === "file" ? file !== null : typed.trim() !== "";
    setMissing(!name.trim() || !given);
    if (!name.trim() || !given || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const content = kind === "file" && file ? await file.text() : csvOf(typed);
      const format = kind === "file" && /\.json$/i.test(file?.name ?? "") ? "json" : "csv";
      const body = { name: name.trim(), description, format, content, replace, ...(language ? { language } : {}) };
      await take(api.POST("/agents/{botId}/test-suites", { params: { path: { botId } }, body }));
      await refresh(botId);
      succeeded(t("batch.saved", { name: name.trim() }));
      close(name.trim());
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={() => close()}
      title={t("batch.new")}
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
          <TextInput
            data-autofocus
            label={t("common.name")}
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label={t("batch.description")}
            maxLength={1000}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          <LanguageSelect languages={languages} value={language ?? languages[0] ?? ""} change={setLanguage} />
          <Radio.Group label={t("batch.source")} value={kind} onChange={setKind}>
            <Group mt={6}>
              <Radio value="manual" label={t("batch.manual")} />
              <Radio value="file" label={t("batch.file")} />
            </Group>
          </Radio.Group>
          {kind === "manual" ? (
            <Textarea
              label={t("batch.typed")}
              description={t("batch.typedHint")}
              autosize
              minRows={4}
              maxRows={14}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          ) : (
            <FileInput
              label={t("batch.chosen")}
              description={t("batch.fileHint")}
              placeholder={t("import.choose")}
              accept=".csv,.json"
              value={file}
              onChange={setFile}
            />
          )}
          <Checkbox
            label={t("batch.replace")}
            checked={replace}
            onChange={(event) => setReplace(event.currentTarget.checked)}
          />
          {missing && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {t("batch.missing")}
            </Text>
          )}
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => close()}>
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

/** Lines of `utterance => intent` as the file that the server reads. */
function csvOf(typed: string): string {
  const cell = (text: string) => `"${text.trim().replaceAll('"', '""')}"`;
  const lines = typed.split(/\r?\n/).filter((line) => line.trim());
  const rows = lines.map((line) => {
    const at = line.lastIndexOf("=>");
    return at < 0 ? `${cell(line)},"None"` : `${cell(line.slice(0, at))},${cell(line.slice(at + 2))}`;
  });
  return ["input,intent", ...rows].join("\n");
}
