import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "../api/client";
import { agentQuery } from "../api/queries";
import { changed, faqQuery, faqsQuery, type Faq, type Faqs as All, type Node } from "../api/train";
import { Ask } from "../parts/Ask";
import { EditableList } from "../parts/EditableList";
import { Loaded } from "../parts/Failure";
import { FaqForm, pathOf } from "../parts/FaqForm";
import { FileButtons, FileProgress } from "../parts/Files";
import { LanguageSelect } from "../parts/LanguageSelect";
import { Need, useMay } from "../parts/Need";
import { below, NodeForm } from "../parts/NodeForm";
import { succeeded } from "../parts/notify";
import { focusHeading, PageHead } from "../parts/PageHead";
import { Rows } from "../parts/Rows";
import { useTheirs } from "../parts/Stale";
import { State } from "../parts/State";
import { TrainButton, TrainProgress } from "../parts/TrainButton";
import { t } from "../strings";

const HERE = "/signed-in/builder/$botId/faqs";
/** Jobs that take a graph in and give it out. */
const KINDS: [string, string] = ["graph_import", "graph_export"];

/** What the page's address says. */
export interface FaqsSearch {
  language?: string;
  node?: string;
  faq?: string;
}

/** The graph left, its questions right. */
export function Faqs() {
  const { botId } = useParams({ from: HERE });
  const search = useSearch({ from: HERE });
  const navigate = useNavigate();
  const agent = useQuery(agentQuery(botId));
  const faqs = useQuery(faqsQuery(botId, search.language));
  const may = useMay("agents");
  const ask = async (format: "csv" | "json") => {
    const query = search.language ? { language: search.language } : {};
    const body = { format, published: false };
    return (await take(api.POST("/agents/{botId}/graph/export", { params: { path: { botId }, query }, body }))).jobId;
  };
  const go = (next: FaqsSearch) =>
    void navigate({ to: "/builder/$botId/faqs", params: { botId }, search: { ...search, ...next } });
  return (
    <>
      <PageHead
        title={t("faqs.title")}
        purpose={t("faqs.purpose")}
        agent={agent.data?.name}
        actions={
          <>
            <Button
              variant="default"
              renderRoot={(props) => (
                <Link
                  {...props}
                  to="/builder/$botId/faqs/extraction"
                  params={{ botId }}
                  search={search.language ? { language: search.language } : {}}
                />
              )}
            >
              {t("extraction.title")}
            </Button>
            {may && (
              <FileButtons
                botId={botId}
                kinds={KINDS}
                path={`/graph/import${search.language ? `?language=${encodeURIComponent(search.language)}` : ""}`}
                ask={ask}
                title={t("faqs.importTitle")}
                text={t("faqs.importText")}
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
          <Loaded query={faqs}>
            {(data) => (
              <>
                <LanguageSelect
                  languages={data.languages}
                  value={data.language}
                  change={(language) => go({ language, node: undefined })}
                />
                <List botId={botId} data={data} search={search} go={go} />
                {search.faq && <Editor botId={botId} data={data} which={search.faq} under={search.node} close={() => go({ faq: undefined })} />}
              </>
            )}
          </Loaded>
        </Stack>
      </Need>
    </>
  );
}

interface EditorProps {
  botId: string;
  data: All;
  which: string;
  under?: string;
  close: () => void;
}

function Editor({ botId, data, which, under, close }: EditorProps) {
  if (which === "new") return <FaqForm botId={botId} data={data} under={under} close={close} />;
  return <Existing botId={botId} data={data} which={which} close={close} />;
}

function Existing({ botId, data, which, close }: { botId: string; data: All; which: string; close: () => void }) {
  const faq = useQuery(faqQuery(botId, which));
  if (faq.data === undefined) return <Loaded query={faq}>{() => null}</Loaded>;
  return <FaqForm key={faq.data.tag} botId={botId} data={data} faq={faq.data} close={close} />;
}

interface ListProps {
  botId: string;
  data: All;
  search: FaqsSearch;
  go: (next: FaqsSearch) => void;
}

function List({ botId, data, search, go }: ListProps) {
  const may = useMay("agents");
  const chosen = data.nodes.find((one) => one.id === search.node);
  const within = chosen ? below(data.nodes, chosen.id) : undefined;
  const items = data.items.filter((faq) => !within || (faq.node && within.has(faq.node)));
  const create = may && <Button onClick={() => go({ faq: "new" })}>{t("faqs.new")}</Button>;
  if (data.items.length === 0 && data.nodes.length === 0) return <Rows.Empty text={t("faqs.empty")}>{create}</Rows.Empty>;
  const remove = async (gone: Faq[]) => {
    for (const faq of gone) {
      const path = { botId, faqKey: faq.key };
      await take(api.DELETE("/agents/{botId}/faqs/{faqKey}", { params: { path } }));
    }
    await changed(botId);
    succeeded(t("faqs.removed"), true);
  };
  return (
    <div className="split">
      <Tree botId={botId} data={data} search={search} go={go} />
      <Stack>
        {chosen && <Branch botId={botId} data={data} node={chosen} go={go} />}
        <EditableList
          items={items}
          id={(faq) => faq.key}
          words={(faq) => `${faq.question} ${faq.answer}`}
          label={t("faqs.title")}
          search={t("faqs.search")}
          empty={t(chosen ? "faqs.emptyNode" : "faqs.empty")}
          minWidth={420}
          may={may}
          within={search.node}
          create={create}
          columns={[
            {
              head: t("faqs.question"),
              cell: (faq) => (
                <>
                  <Group gap="xs">
                    <Text fw={500} size="sm">
                      {faq.question}
                    </Text>
                    {!faq.enabled && <State kind="paused" word={t("faqs.off")} />}
                  </Group>
                  <Text size="xs" c="dimmed" lineClamp={2}>
                    {faq.answer}
                  </Text>
                </>
              ),
            },
            { head: t("faqs.alternates"), width: 96, className: "number", cell: (faq) => faq.alternates },
          ]}
          edit={{
            label: (faq) => t("faqs.edit", { question: faq.question }),
            act: (faq) => go({ faq: faq.key }),
          }}
          remove={{
            label: (faq) => t("faqs.remove", { question: faq.question }),
            title: t("faqs.removeTitle"),
            button: t("faqs.removeButton"),
            text: ([faq]) => faq && t("faqs.removeText", { question: faq.question }),
            act: remove,
          }}
        />
      </Stack>
    </div>
  );
}

/** The chosen node: its path and weight, and what can be done with it. */
function Branch({ botId, data, node, go }: { botId: string; data: All; node: Node; go: (next: FaqsSearch) => void }) {
  const may = useMay("agents");
  const [editing, setEditing] = useState(false);
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState(false);
  const theirs = useTheirs(botId, node.tag);
  const above = data.nodes.find((one) => one.id === node.parent);
  return (
    <div className="card">
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={2}>{node.label}</Title>
          <Text size="sm" c="dimmed">
            {[above && pathOf(data.nodes, above), t(`nodes.${node.usage as "default"}`), node.synonyms.join(", ")]
              .filter(Boolean)
              .join(" · ")}
          </Text>
        </div>
        {may && (
          <Group gap="xs">
            <Button variant="default" onClick={() => setAdding(true)}>
              {t("nodes.addBelow")}
            </Button>
            <Button variant="default" onClick={() => setEditing(true)}>
              {t("nodes.edit")}
            </Button>
            {above && (
              <Button variant="default" onClick={() => setRemoving(true)}>
                {t("nodes.remove")}
              </Button>
            )}
          </Group>
        )}
      </Group>
      {editing && (
        <NodeForm
          key={theirs.key}
          botId={botId}
          data={data}
          node={node}
          load={theirs.load}
          close={() => setEditing(false)}
        />
      )}
      {adding && (
        <NodeForm
          botId={botId}
          data={data}
          under={node.id}
          close={(id) => {
            setAdding(false);
            if (id) go({ node: id });
          }}
        />
      )}
      {removing && above && (
        <Ask
          title={t("nodes.removeTitle")}
          button={t("faqs.removeButton")}
          close={() => setRemoving(false)}
          act={async () => {
            const params = { path: { botId, nodeId: node.id }, header: { "if-match": node.tag } };
            await take(api.DELETE("/agents/{botId}/graph/nodes/{nodeId}", { params }));
            await changed(botId);
            succeeded(t("nodes.removed", { name: node.label }), true);
            go({ node: above.id });
            focusHeading();
          }}
        >
          <Text>{t("nodes.removeText", { name: node.label, above: above.label, count: node.faqs })}</Text>
        </Ask>
      )}
    </div>
  );
}

function Tree({ botId, data, search, go }: ListProps) {
  const may = useMay("agents");
  const [adding, setAdding] = useState(false);
  const depth = (node: Node): number => {
    const parent = data.nodes.find((one) => one.id === node.parent);
    return parent && parent !== node ? Math.min(depth(parent) + 1, 8) : 0;
  };
  const entry = (id: string | undefined, label: string, note: string, count: number, level: number) => (
    <li key={id ?? ""}>
      <Link
        className="pick-link"
        style={{ paddingInlineStart: 12 + level * 14 }}
        to="/builder/$botId/faqs"
        params={{ botId }}
        search={{ ...search, node: id }}
        activeOptions={{ exact: true, explicitUndefined: true }}
        aria-current={search.node === id ? "true" : undefined}
      >
        <span className="pick-name">
          {label}
          {note && <span className="pick-note">{note}</span>}
        </span>
        <span className="number pick-count">
          <span aria-hidden>{count}</span>
          <span className="unseen">{t("faqs.count", { count })}</span>
        </span>
      </Link>
    </li>
  );
  return (
    <nav aria-label={t("faqs.graph")}>
      <Group justify="space-between" mb={6}>
        <Text fw={500}>{t("faqs.graph")}</Text>
        {may && (
          <Button variant="default" size="compact-sm" onClick={() => setAdding(true)}>
            {t("nodes.add")}
          </Button>
        )}
      </Group>
      <ul className="pick">
        {entry(undefined, t("faqs.all"), "", data.items.length, 0)}
        {data.nodes.map((node) =>
          entry(
            node.id,
            node.label,
            node.usage === "mandatory" ? t("faqs.mandatory") : node.usage === "organizer" ? t("faqs.organizer") : "",
            node.faqs,
            depth(node),
          ),
        )}
      </ul>
      {adding && (
        <NodeForm
          botId={botId}
          data={data}
          under={search.node}
          close={(id) => {
            setAdding(false);
            if (id) go({ node: id });
          }}
        />
      )}
    </nav>
  );
}
