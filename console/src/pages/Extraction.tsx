import { Anchor, Button, Checkbox, FileInput, Group, Modal, Radio, Select, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import { api, ApiError, sendForm, take } from "../api/client";
import { agentQuery, client } from "../api/queries";
import { changed, extractionQuery, extractionsQuery, faqsQuery, type Extracted, type Extraction as One } from "../api/train";
import { Failure, Loaded } from "../parts/Failure";
import { pathOf } from "../parts/FaqForm";
import { WrongRows } from "../parts/Files";
import { JobLine } from "../parts/JobLine";
import { LanguageSelect } from "../parts/LanguageSelect";
import { Need, useMay } from "../parts/Need";
import { succeeded } from "../parts/notify";
import { PageHead } from "../parts/PageHead";
import { usePages } from "../parts/Pages";
import { Rows } from "../parts/Rows";
import { State } from "../parts/State";
import { when } from "../parts/time";
import { t } from "../strings";

const HERE = "/signed-in/builder/$botId/faqs/extraction";
/** Questions that the server takes at once. */
const AT_ONCE = 500;

/** What the page's address says. */
export interface ExtractionSearch {
  language?: string;
  extraction?: string;
}

/** Questions taken out of files and pages; those that are chosen go into the graph. */
export function Extraction() {
  const { botId } = useParams({ from: HERE });
  const search = useSearch({ from: HERE });
  const navigate = useNavigate();
  const agent = useQuery(agentQuery(botId));
  const all = useQuery(extractionsQuery(botId, search.language));
  const may = useMay("agents");
  const [starting, setStarting] = useState(false);
  const go = (next: ExtractionSearch) =>
    void navigate({ to: "/builder/$botId/faqs/extraction", params: { botId }, search: { ...search, ...next } });
  const create = may && <Button onClick={() => setStarting(true)}>{t("extraction.new")}</Button>;
  return (
    <>
      <PageHead
        title={t("extraction.title")}
        purpose={t("extraction.purpose")}
        agent={agent.data?.name}
        actions={all.data && all.data.items.length > 0 ? create : undefined}
      />
      <Need permission="view">
        <Stack>
          <div>
            <Anchor
              size="sm"
              renderRoot={(props) => (
                <Link
                  {...props}
                  to="/builder/$botId/faqs"
                  params={{ botId }}
                  search={search.language ? { language: search.language } : {}}
                />
              )}
            >
              {t("extraction.back")}
            </Anchor>
          </div>
          <Loaded query={all}>
            {(data) => (
              <>
                <LanguageSelect
                  languages={data.languages}
                  value={data.language}
                  change={(language) => go({ language, extraction: undefined })}
                />
                {data.items.length === 0 ? (
                  <Rows.Empty text={t("extraction.empty")}>{create}</Rows.Empty>
                ) : (
                  <History botId={botId} search={search} items={data.items} />
                )}
                {search.extraction && <Chosen key={search.extraction} botId={botId} id={search.extraction} />}
                {starting && (
                  <Start
                    botId={botId}
                    language={data.language}
                    close={(id) => {
                      setStarting(false);
                      if (id) go({ extraction: id });
                    }}
                  />
                )}
              </>
            )}
          </Loaded>
        </Stack>
      </Need>
    </>
  );
}

function Outcome({ one }: { one: One }) {
  if (one.state === "running") return <State kind="waiting" word={t("extraction.running")} />;
  if (one.state === "failed") return <State kind="warn" word={t("extraction.failed")} />;
  return <State kind="good" word={t("extraction.done")} />;
}

function History({ botId, search, items }: { botId: string; search: ExtractionSearch; items: One[] }) {
  const { rows, buttons } = usePages(items, "");
  return (
    <>
      <Rows label={t("extraction.list")} minWidth={560}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("extraction.name")}</Table.Th>
            <Table.Th w={130}>{t("extraction.state")}</Table.Th>
            <Table.Th w={80}>{t("extraction.found")}</Table.Th>
            <Table.Th w={110}>{t("extraction.inGraph")}</Table.Th>
            <Table.Th w={180}>{t("extraction.asked")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((one) => (
            <Table.Tr key={one.id} aria-current={one.id === search.extraction ? "true" : undefined}>
              <Table.Td>
                <Anchor
                  size="sm"
                  fw={500}
                  renderRoot={(props) => (
                    <Link
                      {...props}
                      to="/builder/$botId/faqs/extraction"
                      params={{ botId }}
                      search={{ ...search, extraction: one.id }}
                    />
                  )}
                >
                  {one.name}
                </Anchor>
                {one.source !== one.name && (
                  <Text size="xs" c="dimmed" lineClamp={1}>
                    {one.source}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                <Outcome one={one} />
              </Table.Td>
              <Table.Td className="number">{one.found}</Table.Td>
              <Table.Td className="number">{one.added}</Table.Td>
              <Table.Td>{when(one.createdAt)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Rows>
      {buttons}
    </>
  );
}

/** One extraction: its progress, why it failed, or what it found. */
function Chosen({ botId, id }: { botId: string; id: string }) {
  const found = useQuery(extractionQuery(botId, id));
  const over = useCallback(() => void changed(botId), [botId]);
  return (
    <Loaded query={found}>
      {({ extraction, language, questions }) => (
        <section aria-labelledby="extraction-heading">
          <Stack>
            <Title order={2} id="extraction-heading">
              {extraction.name}
            </Title>
            {extraction.state === "running" && <JobLine jobId={extraction.id} onOver={over} />}
            {extraction.state === "failed" && (
              <WrongRows
                title={t("extraction.failedTitle")}
                rows={extraction.reasons.length > 0 ? extraction.reasons : [t("common.failed")]}
              />
            )}
            {extraction.state === "done" && (
              <Questions botId={botId} id={id} language={language} questions={questions} />
            )}
          </Stack>
        </section>
      )}
    </Loaded>
  );
}

interface QuestionsProps {
  botId: string;
  id: string;
  language: string;
  questions: Extracted[];
}

function Questions({ botId, id, language, questions }: QuestionsProps) {
  const may = useMay("agents");
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const { rows, buttons } = usePages(questions, id);
  const free = questions.filter((one) => !one.added);
  const picked = free.filter((one) => ticked.has(one.id));
  const mark = (one: Extracted, on: boolean) => {
    const next = new Set(ticked);
    if (on) next.add(one.id);
    else next.delete(one.id);
    setTicked(next);
  };
  return (
    <>
      {may && free.length > 0 && (
        <Add botId={botId} id={id} language={language} picked={picked} done={() => setTicked(new Set())} />
      )}
      <Rows label={t("extraction.questions")} minWidth={480}>
        <Table.Thead>
          <Table.Tr>
            {may && (
              <Table.Th w={40}>
                <Checkbox
                  aria-label={t("extraction.all")}
                  disabled={free.length === 0}
                  checked={free.length > 0 && picked.length === free.length}
                  indeterminate={picked.length > 0 && picked.length < free.length}
                  onChange={(event) => setTicked(new Set(event.currentTarget.checked ? free.map((one) => one.id) : []))}
                />
              </Table.Th>
            )}
            <Table.Th>{t("extraction.question")}</Table.Th>
            <Table.Th w={140}>{t("extraction.inGraph")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((one) => (
            <Table.Tr key={one.id}>
              {may && (
                <Table.Td>
                  <Checkbox
                    aria-label={t("extraction.pick", { question: one.question })}
                    disabled={one.added}
                    checked={ticked.has(one.id) && !one.added}
                    onChange={(event) => mark(one, event.currentTarget.checked)}
                  />
                </Table.Td>
              )}
              <Table.Td>
                <Text fw={500} size="sm">
                  {one.question}
                </Text>
                <Text size="xs" c="dimmed" lineClamp={3}>
                  {one.answer}
                </Text>
              </Table.Td>
              <Table.Td>
                {one.added ? (
                  <State kind="good" word={t("extraction.yes")} />
                ) : (
                  <State kind="none" word={t("extraction.no")} />
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Rows>
      {buttons}
    </>
  );
}

interface AddProps {
  botId: string;
  id: string;
  language: string;
  picked: Extracted[];
  done: () => void;
}

/** Puts the ticked questions under a node of the graph. */
function Add({ botId, id, language, picked, done }: AddProps) {
  const faqs = useQuery(faqsQuery(botId, language));
  const [node, setNode] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const nodes = faqs.data?.nodes ?? [];
  const chosen = node ?? nodes.find((one) => !one.parent)?.id ?? null;
  if (faqs.data && nodes.length === 0) return <Text>{t("extraction.noGraph")}</Text>;
  const add = async () => {
    if (busy || picked.length === 0) return;
    setBusy(true);
    setError(undefined);
    try {
      const params = { path: { botId, extractionId: id } };
      for (let from = 0; from < picked.length; from += AT_ONCE) {
        const body = { questions: picked.slice(from, from + AT_ONCE).map((one) => one.id), node: chosen };
        await take(api.POST("/agents/{botId}/extractions/{extractionId}/add", { params, body }));
      }
      succeeded(t("extraction.addedNow", { count: picked.length }));
      done();
    } catch (problem) {
      setError(problem);
    } finally {
      await changed(botId);
      setBusy(false);
    }
  };
  const named = (place: string) => {
    const at = /^questions\[(\d+)\]/.exec(place)?.[1];
    return at === undefined ? place : (picked[Number(at)]?.question ?? place);
  };
  const faults = error instanceof ApiError ? error.fields : [];
  return (
    <>
      <Group align="flex-end">
        <Select
          label={t("extraction.node")}
          searchable
          allowDeselect={false}
          w={320}
          maw="100%"
          value={chosen}
          onChange={setNode}
          data={nodes.map((one) => ({ value: one.id, label: pathOf(nodes, one) }))}
        />
        <Button loading={busy} disabled={picked.length === 0 || !chosen} onClick={() => void add()}>
          {t("extraction.add", { count: picked.length })}
        </Button>
      </Group>
      {faults.length > 0 ? (
        <WrongRows
          title={t("extraction.notAdded")}
          rows={faults.map((one) => `${named(one.field)}: ${one.message}`)}
        />
      ) : (
        error !== undefined && <Failure error={error} />
      )}
    </>
  );
}

interface StartProps {
  botId: string;
  language: string;
  close: (id?: string) => void;
}

/** Asks for an extraction from a file or a page; it goes on when the dialog is closed. */
function Start({ botId, language, close }: StartProps) {
  const [page, setPage] = useState(false);
  const [file, setFile] = useState<File | null>(null);
  const [address, setAddress] = useState("");
  const [name, setName] = useState("");
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  useEffect(() => setMissing(false), [page, file, address]);
  const wrong = (field: string) => (error instanceof ApiError ? error.field(field) : undefined);
  const start = async (): Promise<string> => {
    if (page) {
      const params = { path: { botId }, query: { language } };
      const body = { address: address.trim(), name: name.trim() };
      return (await take(api.POST("/agents/{botId}/extractions", { params, body }))).jobId;
    }
    const form = new FormData();
    if (file) form.append("file", file, file.name);
    const query = `language=${encodeURIComponent(language)}`;
    return sendForm(`/agents/${encodeURIComponent(botId)}/extractions/file?${query}`, form);
  };
  const send = async () => {
    const lacks = page ? address.trim() === "" : !file;
    setMissing(lacks);
    if (lacks || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const id = await start();
      await changed(botId);
      void client.invalidateQueries({ queryKey: ["jobs"] });
      close(id);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const told = wrong(page ? "address" : "file");
  return (
    <Modal
      opened
      onClose={() => close()}
      title={t("extraction.new")}
      size="lg"
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Stack>
          <Radio.Group
            label={t("extraction.from")}
            value={page ? "page" : "file"}
            onChange={(next) => {
              setPage(next === "page");
              setError(undefined);
            }}
          >
            <Stack gap="xs" mt={6}>
              <Radio value="file" label={t("extraction.fromFile")} description={t("extraction.fileHint")} />
              <Radio value="page" label={t("extraction.fromPage")} description={t("extraction.pageHint")} />
            </Stack>
          </Radio.Group>
          {page ? (
            <>
              <TextInput
                type="url"
                label={t("extraction.address")}
                required
                maxLength={2048}
                value={address}
                error={missing ? t("common.required") : told}
                onChange={(event) => setAddress(event.currentTarget.value)}
              />
              <TextInput
                label={t("extraction.ownName")}
                description={t("extraction.ownNameHint")}
                maxLength={200}
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
              />
            </>
          ) : (
            <FileInput
              label={t("files.file")}
              placeholder={t("import.choose")}
              accept=".csv,.pdf"
              required
              clearable
              clearButtonProps={{ "aria-label": t("import.clear") }}
              value={file}
              onChange={setFile}
              error={missing ? t("files.missing") : told}
            />
          )}
          {error !== undefined && !told && <Failure error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => close()}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {t("extraction.start")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
