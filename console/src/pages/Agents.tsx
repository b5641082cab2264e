import { ActionIcon, Anchor, Button, Menu, Stack, Table, Text, TextInput } from "@mantine/core";
import { IconChevronDown, IconDots, IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { api, take } from "../api/client";
import { agentsQuery, client } from "../api/queries";
import type { Agent } from "../api/types";
import { DataNav } from "../parts/DataNav";
import { Failure } from "../parts/Failure";
import { dropped, type Chosen } from "../parts/files";
import { ImportDialog } from "../parts/ImportDialog";
import { succeeded } from "../parts/notify";
import { focusHeading, PageHead } from "../parts/PageHead";
import { Rows } from "../parts/Rows";
import { PublishState, TrainState } from "../parts/State";
import { when } from "../parts/time";
import { TypedName } from "../parts/TypedName";
import { t } from "../strings";

/** The landing page: all agents of the account. */
export function Agents() {
  const { q = "", dialog } = useSearch({ from: "/signed-in/builder" });
  const navigate = useNavigate({ from: "/builder" });
  const [initial, setInitial] = useState<Chosen[]>([]);
  const over = useDrop((chosen) => {
    setInitial(chosen);
    void navigate({ search: (before) => ({ ...before, dialog: "import" }) });
  }, dialog === undefined);
  const closeImport = () => {
    setInitial([]);
    void navigate({ search: ({ q: kept }) => (kept ? { q: kept } : {}) });
  };
  const openImport = () => void navigate({ search: (before) => ({ ...before, dialog: "import" }) });
  return (
    <>
      <DataNav />
      <PageHead
        title={t("agents.title")}
        purpose={t("agents.purpose")}
        actions={
          <Menu position="bottom-end">
            <Menu.Target>
              <Button rightSection={<IconChevronDown size={16} aria-hidden />}>
                {t("agents.newApp")}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={openImport}>{t("agents.importApp")}</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        }
      />
      <AgentList
        q={q}
        setQ={(next) => void navigate({ search: next ? { q: next } : {}, replace: true })}
        openImport={openImport}
      />
      {over && (
        <div className="drop-veil">
          <div>{t("agents.dropHere")}</div>
        </div>
      )}
      {dialog === "import" && <ImportDialog initial={initial} close={closeImport} />}
    </>
  );
}

/** Takes files that are dropped anywhere on the page. */
function useDrop(take: (chosen: Chosen[]) => void, active: boolean): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    if (!active) return;
    const onOver = (event: globalThis.DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: globalThis.DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: globalThis.DragEvent) => {
      setOver(false);
      if (!event.dataTransfer) return;
      event.preventDefault();
      void dropped(event.dataTransfer).then((chosen) => chosen.length > 0 && take(chosen));
    };
    window.addEventListener("dragover", onOver);
    window.addEventListener("dragleave", onLeave);
    window.addEventListener("drop", onDrop);
    return () => {
      window.removeEventListener("dragover", onOver);
      window.removeEventListener("dragleave", onLeave);
      window.removeEventListener("drop", onDrop);
    };
  });
  return over && active;
}

interface ListProps {
  q: string;
  setQ: (q: string) => void;
  openImport: () => void;
}

function AgentList({ q, setQ, openImport }: ListProps) {
  const [typed, setTyped] = useState(q);
  const [deleting, setDeleting] = useState<Agent>();
  useEffect(() => {
    if (typed === q) return;
    const timer = window.setTimeout(() => setQ(typed.trim()), 250);
    return () => window.clearTimeout(timer);
  }, [typed, q, setQ]);
  const query = useInfiniteQuery({
    queryKey: ["agents", "list", q],
    initialPageParam: "",
    queryFn: ({ pageParam }) => client.fetchQuery({ ...agentsQuery(q, pageParam), staleTime: 0 }),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const items = query.data?.pages.flatMap((page) => page.items);
  const searching = q !== "" || (items?.length ?? 0) > 0;
  return (
    <Stack>
      {searching && (
        <TextInput
          label={t("agents.search")}
          type="search"
          maw={360}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
      {query.error && !items && (
        <Failure error={query.error} retry={() => void query.refetch()} />
      )}
      {!query.error && !items && <Rows.Loading />}
      {items?.length === 0 &&
        (q ? (
          <Rows.NoResults
            clear={() => {
              setTyped("");
              setQ("");
            }}
          />
        ) : (
          <Rows.Empty text={t("agents.empty")}>
            <Button onClick={openImport}>{t("agents.importApp")}</Button>
          </Rows.Empty>
        ))}
      {items && items.length > 0 && <AgentTable items={items} remove={setDeleting} />}
      {query.hasNextPage && (
        <Button
          variant="default"
          onClick={() => void query.fetchNextPage()}
          loading={query.isFetchingNextPage}
        >
          {t("common.showMore")}
        </Button>
      )}
      {deleting && <DeleteAgent agent={deleting} close={() => setDeleting(undefined)} />}
    </Stack>
  );
}

function AgentTable({ items, remove }: { items: Agent[]; remove: (agent: Agent) => void }) {
  return (
    <Rows label={t("agents.title")} minWidth={820}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("agents.columnAgent")}</Table.Th>
          <Table.Th>{t("common.state")}</Table.Th>
          <Table.Th>{t("agents.columnTraining")}</Table.Th>
          <Table.Th>{t("agents.columnContent")}</Table.Th>
          <Table.Th>{t("agents.columnLanguages")}</Table.Th>
          <Table.Th>{t("agents.columnUpdated")}</Table.Th>
          <Table.Th>{t("common.actions")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((agent) => (
          <Table.Tr key={agent.botId}>
            <Table.Td>
              <Anchor component={Link} to={`/builder/${agent.botId}`} fw={500} size="sm">
                {agent.name}
              </Anchor>
              {agent.description && (
                <Text size="xs" c="dimmed" lineClamp={1}>
                  {agent.description}
                </Text>
              )}
            </Table.Td>
            <Table.Td>
              <PublishState agent={agent} />
            </Table.Td>
            <Table.Td>
              <TrainState agent={agent} />
            </Table.Td>
            <Table.Td>
              {t("agents.content", {
                dialogs: agent.dialogs,
                intents: agent.intents,
                faqs: agent.faqs,
              })}
            </Table.Td>
            <Table.Td>{agent.languages.join(", ")}</Table.Td>
            <Table.Td>{when(agent.updatedAt)}</Table.Td>
            <Table.Td>
              <Menu position="bottom-end">
                <Menu.Target>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    c="dimmed"
                    aria-label={t("agents.menu", { name: agent.name })}
                  >
                    <IconDots size={18} aria-hidden />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item c="var(--mantine-color-error)" onClick={() => remove(agent)}>
                    {t("agents.deleteTitle")}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Rows>
  );
}

function DeleteAgent({ agent, close }: { agent: Agent; close: () => void }) {
  return (
    <TypedName
      title={t("agents.deleteTitle")}
      name={agent.name}
      button={t("agents.deleteButton")}
      close={close}
      act={async () => {
        const path = { botId: agent.botId };
        await take(api.DELETE("/agents/{botId}", { params: { path } }));
        await client.invalidateQueries({ queryKey: ["agents"] });
        close();
        succeeded(t("agents.deleted", { name: agent.name }), true);
        focusHeading();
      }}
    >
      <Text>{t("agents.deleteText", { name: agent.name })}</Text>
    </TypedName>
  );
}
