import { Button, Group, Stack, Table, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { agentQuery } from "../api/queries";
import { changesQuery, type Change } from "../api/train";
import { Loaded } from "../parts/Failure";
import { Need } from "../parts/Need";
import { PageHead } from "../parts/PageHead";
import { Rows } from "../parts/Rows";
import { when, zone } from "../parts/time";
import { t, tOr } from "../strings";

const HERE = "/signed-in/builder/$botId/settings/change-logs";

/** What the page's address says; days are those of the server's log, UTC. */
export interface ChangesSearch {
  page?: number;
  from?: string;
  to?: string;
}

/** Who changed what in an agent. */
export function Changes() {
  const { botId } = useParams({ from: HERE });
  const search = useSearch({ from: HERE });
  const navigate = useNavigate();
  const agent = useQuery(agentQuery(botId));
  const changes = useQuery(changesQuery(botId, search));
  const [from, setFrom] = useState(search.from ?? "");
  const [to, setTo] = useState(search.to ?? "");
  const go = (next: ChangesSearch) =>
    void navigate({ to: "/builder/$botId/settings/change-logs", params: { botId }, search: next });
  const clear = () => {
    setFrom("");
    setTo("");
    go({});
  };
  const page = search.page ?? 0;
  const filtered = search.from !== undefined || search.to !== undefined;
  return (
    <>
      <PageHead title={t("changes.title")} purpose={t("changes.purpose", { zone: zone() })} agent={agent.data?.name} />
      <Need permission="audit">
        <Stack>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              go({ ...(from ? { from } : {}), ...(to ? { to } : {}) });
            }}
          >
            <Group align="flex-end" gap="sm">
              <TextInput type="date" label={t("audit.from")} value={from} onChange={(e) => setFrom(e.currentTarget.value)} />
              <TextInput type="date" label={t("audit.to")} value={to} onChange={(e) => setTo(e.currentTarget.value)} />
              <Button type="submit" variant="default">
                {t("audit.apply")}
              </Button>
              {filtered && (
                <Button variant="subtle" onClick={clear}>
                  {t("common.clearFilters")}
                </Button>
              )}
            </Group>
          </form>
          <Loaded query={changes}>
            {({ items, more }) =>
              items.length === 0 ? (
                filtered || page > 0 ? (
                  <Rows.NoResults clear={clear} />
                ) : (
                  <Rows.Empty text={t("changes.empty")} />
                )
              ) : (
                <>
                  <List items={items} />
                  <Group justify="flex-end">
                    <Button variant="default" size="compact-sm" disabled={page === 0} onClick={() => go({ ...search, page: page - 1 })}>
                      {t("changes.newer")}
                    </Button>
                    <Button variant="default" size="compact-sm" disabled={!more} onClick={() => go({ ...search, page: page + 1 })}>
                      {t("audit.older")}
                    </Button>
                  </Group>
                </>
              )
            }
          </Loaded>
        </Stack>
      </Need>
    </>
  );
}

function List({ items }: { items: Change[] }) {
  return (
    <Rows label={t("changes.title")} minWidth={720}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("audit.at")}</Table.Th>
          <Table.Th>{t("audit.who")}</Table.Th>
          <Table.Th>{t("changes.what")}</Table.Th>
          <Table.Th>{t("audit.details")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((one) => (
          <Table.Tr key={one.number}>
            <Table.Td className="number">{when(one.at)}</Table.Td>
            <Table.Td>{one.by ?? t("common.none")}</Table.Td>
            <Table.Td>
              {tOr(`changes.actions.${one.action.replace(".", "_")}`, one.action)}
            </Table.Td>
            <Table.Td>
              <details>
                <summary aria-label={t("changes.detailsOf", { number: one.number })}>{t("audit.show")}</summary>
                <pre className="json" tabIndex={0}>
                  {JSON.stringify({ action: one.action, target: one.target, details: one.details, before: one.before, after: one.after }, null, 2)}
                </pre>
              </details>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Rows>
  );
}
