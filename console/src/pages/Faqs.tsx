import { ActionIcon, Button, Group, Stack, Table, Text, TextInput } from "@mantine/core";
import { IconPencil, IconSearch, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "../api/client";
import { agentQuery } from "../api/queries";
import { changed, faqQuery, faqsQuery, type Faq, type Faqs as All, type Node } from "../api/train";
import { Ask } from "../parts/Ask";
import { Loaded } from "../parts/Failure";
import { FaqForm } from "../parts/FaqForm";
import { LanguageSelect } from "../parts/LanguageSelect";
import { Need, useMay } from "../parts/Need";
import { succeeded } from "../parts/notify";
import { focusHeading, PageHead } from "../parts/PageHead";
import { usePages } from "../parts/Pages";
import { Rows } from "../parts/Rows";
import { State } from "../parts/State";
import { TrainButton, TrainProgress } from "../parts/TrainButton";
import { t } from "../strings";

const HERE = "/signed-in/builder/$botId/faqs";

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
  const go = (next: FaqsSearch) =>
    void navigate({ to: "/builder/$botId/faqs", params: { botId }, search: { ...search, ...next } });
  return (
    <>
      <PageHead
        title={t("faqs.title")}
        purpose={t("faqs.purpose")}
        agent={agent.data?.name}
        actions={<TrainButton botId={botId} />}
      />
      <Need permission="view">
        <Stack>
          <TrainProgress botId={botId} />
          <Loaded query={faqs}>
            {(data) => (
              <>
                <LanguageSelect
                  languages={data.languages}
                  value={data.language}
                  change={(language) => go({ language, node: undefined })}
                />
                <List botId={botId} data={data} search={search} go={go} />
                {search.faq && <Editor botId={botId} data={data} which={search.faq} close={() => go({ faq: undefined })} />}
              </>
            )}
          </Loaded>
        </Stack>
      </Need>
    </>
  );
}

function Editor({ botId, data, which, close }: { botId: string; data: All; which: string; close: () => void }) {
  if (which === "new") return <FaqForm botId={botId} data={data} close={close} />;
  return <Existing botId={botId} data={data} which={which} close={close} />;
}

function Existing({ botId, data, which, close }: { botId: string; data: All; which: string; close: () => void }) {
  const faq = useQuery(faqQuery(botId, which));
  if (faq.data === undefined) return <Loaded query={faq}>{() => null}</Loaded>;
  return <FaqForm key={faq.data.tag} botId={botId} data={data} faq={faq.data} close={close} />;
}

/** Every node below this one, itself included. */
function below(nodes: Node[], id: string): Set<string> {
  const all = new Set([id]);
  for (let before = 0; before < all.size; ) {
    before = all.size;
    for (const node of nodes) if (node.parent && all.has(node.parent)) all.add(node.id);
  }
  return all;
}

interface ListProps {
  botId: string;
  data: All;
  search: FaqsSearch;
  go: (next: FaqsSearch) => void;
}

function List({ botId, data, search, go }: ListProps) {
  const may = useMay("agents");
  const [typed, setTyped] = useState("");
  const [removing, setRemoving] = useState<Faq>();
  const wanted = typed.trim().toLowerCase();
  const within = search.node ? below(data.nodes, search.node) : undefined;
  const found = data.items.filter(
    (faq) =>
      (!within || (faq.node && within.has(faq.node))) &&
      `${faq.question} ${faq.answer}`.toLowerCase().includes(wanted),
  );
  const { rows, buttons } = usePages(found, `${search.node ?? ""} ${wanted}`);
  const create = may && <Button onClick={() => go({ faq: "new" })}>{t("faqs.new")}</Button>;
  if (data.items.length === 0) return <Rows.Empty text={t("faqs.empty")}>{create}</Rows.Empty>;
  const remove = async (faq: Faq) => {
    const path = { botId, faqKey: faq.key };
    await take(api.DELETE("/agents/{botId}/faqs/{faqKey}", { params: { path } }));
    await changed(botId);
    succeeded(t("faqs.removed"), true);
    focusHeading();
  };
  return (
    <div className="split">
      <Tree botId={botId} data={data} search={search} />
      <Stack>
        <Group justify="space-between" align="flex-end">
          <TextInput
            label={t("faqs.search")}
            type="search"
            w={320}
            maw="100%"
            leftSection={<IconSearch size={16} aria-hidden />}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {create}
        </Group>
        {found.length === 0 ? (
          <Rows.NoResults
            clear={() => {
              setTyped("");
              go({ node: undefined });
            }}
          />
        ) : (
          <Rows label={t("faqs.title")} minWidth={560}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("faqs.question")}</Table.Th>
                <Table.Th w={96}>{t("faqs.alternates")}</Table.Th>
                {may && <Table.Th w={96}>{t("common.actions")}</Table.Th>}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((faq) => (
                <Table.Tr key={faq.key}>
                  <Table.Td>
                    <Group gap="xs">
                      <Text fw={500} size="sm">
                        {faq.question}
                      </Text>
                      {!faq.enabled && <State kind="paused" word={t("faqs.off")} />}
                    </Group>
                    <Text size="xs" c="dimmed" lineClamp={2}>
                      {faq.answer}
                    </Text>
                  </Table.Td>
                  <Table.Td className="number">{faq.alternates}</Table.Td>
                  {may && (
                    <Table.Td>
                      <Group gap={4} wrap="nowrap">
                        <ActionIcon
                          variant="subtle"
                          color="gray"
                          c="dimmed"
                          aria-label={t("faqs.edit", { question: faq.question })}
                          onClick={() => go({ faq: faq.key })}
                        >
                          <IconPencil size={18} aria-hidden />
                        </ActionIcon>
                        <ActionIcon
                          variant="subtle"
                          color="gray"
                          c="dimmed"
                          aria-label={t("faqs.remove", { question: faq.question })}
                          onClick={() => setRemoving(faq)}
                        >
                          <IconTrash size={18} aria-hidden />
                        </ActionIcon>
                      </Group>
                    </Table.Td>
                  )}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Rows>
        )}
        {buttons}
      </Stack>
      {removing && (
        <Ask
          title={t("faqs.removeTitle")}
          button={t("faqs.removeButton")}
          close={() => setRemoving(undefined)}
          act={() => remove(removing)}
        >
          <Text>{t("faqs.removeText", { question: removing.question })}</Text>
        </Ask>
      )}
    </div>
  );
}

function Tree({ botId, data, search }: { botId: string; data: All; search: FaqsSearch }) {
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
      <Text fw={500} mb={6}>
        {t("faqs.graph")}
      </Text>
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
    </nav>
  );
}
