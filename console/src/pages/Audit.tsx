import { Anchor, Button, Group, Stack, Table, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { BASE } from "../api/client";
import { auditQuery, auditText, type AuditSearch } from "../api/queries";
import type { AuditRow } from "../api/types";
import { Loaded } from "../parts/Failure";
import { Need } from "../parts/Need";
import { PageHead } from "../parts/PageHead";
import { Rows } from "../parts/Rows";
import { when, zone } from "../parts/time";
import { t } from "../strings";

const FROM = "/signed-in/admin/audit";

/** The search without its place in the list. */
function filterOf(search: AuditSearch): AuditSearch {
  const filter = { ...search };
  delete filter.cursor;
  return filter;
}

/** Who did what in the account. */
export function Audit() {
  const search = useSearch({ from: FROM });
  const filter = filterOf(search);
  const text = auditText(filter).toString();
  return (
    <>
      <PageHead
        title={t("audit.title")}
        purpose={t("audit.purpose", { zone: zone() })}
        actions={
          <Button
            component="a"
            href={`${BASE}/audit/export${text && `?${text}`}`}
            download="audit.csv"
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
          >
            {t("audit.export")}
          </Button>
        }
      />
      <Need permission="audit">
        <Stack gap="lg">
          <Filters key={text} filter={filter} />
          <List search={search} />
        </Stack>
      </Need>
    </>
  );
}

const fields = ["actor", "action", "target", "botId"] as const;

function Filters({ filter }: { filter: AuditSearch }) {
  const navigate = useNavigate({ from: "/admin/audit" });
  const [typed, setTyped] = useState(filter);
  const go = (search: AuditSearch) => void navigate({ search });
  const field = (name: keyof AuditSearch, label: string, type = "text") => (
    <TextInput
      label={label}
      type={type}
      w={type === "date" ? 150 : 190}
      maxLength={200}
      value={typed[name] ?? ""}
      onChange={(event) => {
        const value = event.currentTarget.value;
        setTyped((before) => ({ ...before, [name]: value }));
      }}
    />
  );
  return (
    <form
      role="search"
      aria-label={t("audit.filters")}
      onSubmit={(event) => {
        event.preventDefault();
        const given = Object.entries(typed).map(([name, value]) => [name, String(value).trim()]);
        go(Object.fromEntries(given.filter(([, value]) => value)) as AuditSearch);
      }}
    >
      <Group align="flex-end" gap="sm">
        {fields.map((name) => (
          <div key={name}>{field(name, t(`audit.${name}`))}</div>
        ))}
        {field("from", t("audit.from"), "date")}
        {field("to", t("audit.to"), "date")}
        <Button type="submit" variant="default">
          {t("audit.apply")}
        </Button>
        {Object.keys(filter).length > 0 && (
          <Button variant="subtle" color="gray" c="dimmed" onClick={() => go({})}>
            {t("common.clearFilters")}
          </Button>
        )}
      </Group>
    </form>
  );
}

function List({ search }: { search: AuditSearch }) {
  const navigate = useNavigate({ from: "/admin/audit" });
  const rows = useQuery(auditQuery(search));
  const only = (more: AuditSearch) => {
    void navigate({ search: { ...filterOf(search), ...more } });
  };
  return (
    <Loaded query={rows} rows={8}>
      {({ items, next }) =>
        items.length === 0 ? (
          <Rows.NoResults clear={() => void navigate({ search: {} })} />
        ) : (
          <>
            <AuditTable items={items} only={only} />
            <Group>
              {search.cursor && (
                <Button variant="default" onClick={() => only({})}>
                  {t("audit.newest")}
                </Button>
              )}
              {next && (
                <Button variant="default" onClick={() => only({ cursor: next })}>
                  {t("audit.older")}
                </Button>
              )}
            </Group>
          </>
        )
      }
    </Loaded>
  );
}

interface TableProps {
  items: AuditRow[];
  only: (more: AuditSearch) => void;
}

function AuditTable({ items, only }: TableProps) {
  const filterBy = (text: string, more: AuditSearch) => (
    <UnstyledButton
      className="cell-filter"
      title={t("audit.only", { value: text })}
      onClick={() => only(more)}
    >
      {text}
    </UnstyledButton>
  );
  return (
    <Rows label={t("audit.title")} minWidth={980}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("audit.number")}</Table.Th>
          <Table.Th>{t("audit.at")}</Table.Th>
          <Table.Th>{t("audit.who")}</Table.Th>
          <Table.Th>{t("audit.action")}</Table.Th>
          <Table.Th>{t("audit.what")}</Table.Th>
          <Table.Th>{t("audit.address")}</Table.Th>
          <Table.Th>{t("audit.details")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((row) => (
          <Table.Tr key={row.number}>
            <Table.Td className="number">{row.number}</Table.Td>
            <Table.Td style={{ whiteSpace: "nowrap" }} title={row.at}>
              {when(row.at)}
            </Table.Td>
            <Table.Td>{filterBy(row.actorName ?? row.actor, { actor: row.actor })}</Table.Td>
            <Table.Td>{filterBy(row.action, { action: row.action })}</Table.Td>
            <Table.Td className="mono">
              {row.target ? filterBy(row.target, { target: row.target }) : t("common.none")}
            </Table.Td>
            <Table.Td className="mono">{row.address ?? t("common.none")}</Table.Td>
            <Table.Td>
              <Details row={row} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Rows>
  );
}

/** What else the row says, digests before and after included. */
function Details({ row: { number, botId, before, after, details } }: { row: AuditRow }) {
  const some = details && Object.keys(details).length > 0;
  if (!some && !botId && !before && !after) return <Text size="xs">{t("common.none")}</Text>;
  return (
    <details>
      <summary aria-label={t("audit.detailsOf", { number })}>
        <Anchor component="span" size="sm">
          {t("audit.show")}
        </Anchor>
      </summary>
      <pre className="json">{JSON.stringify({ botId, before, after, details }, null, 2)}</pre>
    </details>
  );
}
