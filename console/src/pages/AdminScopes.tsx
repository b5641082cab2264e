import { Alert, Button, Radio, Stack, Table, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "../api/client";
import { adminMappingsQuery, adminScopesQuery, client } from "../api/queries";
import type { AdminMapping } from "../api/types";
import { refreshApps } from "../parts/appActs";
import { ClientId } from "../parts/AppTable";
import { Loaded } from "../parts/Failure";
import { Need, useMay } from "../parts/Need";
import { succeeded } from "../parts/notify";
import { focusHeading, PageHead } from "../parts/PageHead";
import { Rows } from "../parts/Rows";
import { changedBy, MappingActions } from "../parts/ScopeFields";
import { useProof } from "../parts/StepUp";
import { TypedName } from "../parts/TypedName";
import { t } from "../strings";

/** What admin apps may do in the account. */
export function AdminScopes() {
  const mappings = useQuery(adminMappingsQuery);
  const [deleting, setDeleting] = useState<AdminMapping>();
  const may = useMay("account");
  const create = may && (
    <Button component={Link} to="/admin/security/api-scopes/new">
      {t("adminScopes.new")}
    </Button>
  );
  const empty = mappings.data?.items.length === 0;
  return (
    <>
      <PageHead
        title={t("adminScopes.title")}
        purpose={t("adminScopes.purpose")}
        actions={empty ? undefined : create}
      />
      <Need permission="view">
        <Stack gap="lg">
          <Alert color="gray" icon={<IconInfoCircle aria-hidden />}>
            {t("adminScopes.warning")}
          </Alert>
          <Loaded query={mappings}>
            {({ items }) =>
              items.length === 0 ? (
                <Rows.Empty text={t("adminScopes.empty")}>{create}</Rows.Empty>
              ) : (
                <MappingTable items={items} remove={setDeleting} />
              )
            }
          </Loaded>
        </Stack>
      </Need>
      {deleting && <DeleteMapping mapping={deleting} close={() => setDeleting(undefined)} />}
    </>
  );
}

interface TableProps {
  items: AdminMapping[];
  remove: (mapping: AdminMapping) => void;
}

function MappingTable({ items, remove }: TableProps) {
  const scopes = useQuery(adminScopesQuery);
  const may = useMay("account");
  const byCategory = (ids: string[]) => {
    const groups = new Map<string, string[]>();
    for (const id of ids) {
      const scope = scopes.data?.items.find((s) => s.id === id);
      const group = scope?.group ?? id;
      groups.set(group, [...(groups.get(group) ?? []), scope?.name ?? id]);
    }
    return [...groups].map(([group, names]) => (
      <div key={group}>{t("adminScopes.category", { group, names: names.join(", ") })}</div>
    ));
  };
  return (
    <Rows label={t("adminScopes.title")} minWidth={860}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("adminScopes.app")}</Table.Th>
          <Table.Th>{t("sdk.clientId")}</Table.Th>
          <Table.Th>{t("adminScopes.scopes")}</Table.Th>
          <Table.Th>{t("scopes.columnChanged")}</Table.Th>
          <Table.Th>{t("common.actions")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((item) => (
          <Table.Tr key={item.clientId}>
            <Table.Td fw={500}>{item.appName}</Table.Td>
            <Table.Td>
              <ClientId id={item.clientId} />
            </Table.Td>
            <Table.Td>{byCategory(item.scopes)}</Table.Td>
            <Table.Td>{changedBy(item)}</Table.Td>
            <Table.Td>
              {may && (
                <MappingActions
                  name={item.appName}
                  edit={`/admin/security/api-scopes/${item.clientId}`}
                  removeLabel={t("adminScopes.deleteNamed", { name: item.appName })}
                  remove={() => remove(item)}
                />
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Rows>
  );
}

function DeleteMapping({ mapping, close }: { mapping: AdminMapping; close: () => void }) {
  const [what, setWhat] = useState("app");
  const withProof = useProof();
  const { clientId, appName: name } = mapping;
  return (
    <TypedName
      title={t("adminScopes.deleteTitle")}
      name={name}
      button={t("adminScopes.deleteButton")}
      close={close}
      act={async () => {
        const params = { path: { clientId } };
        const gone = await withProof(async () => {
          await take(
            what === "app"
              ? api.DELETE("/apps/{clientId}", { params })
              : api.DELETE("/account/scope-mappings/{clientId}", { params }),
          );
          return true;
        });
        if (!gone) throw new Error(t("stepUp.text"));
        await client.invalidateQueries({ queryKey: adminMappingsQuery.queryKey });
        await refreshApps();
        succeeded(t(what === "app" ? "sdk.deleted" : "scopes.deleted", { name }), true);
        close();
        focusHeading();
      }}
    >
      <Text>{t("adminScopes.deleteText", { name })}</Text>
      <Radio.Group value={what} onChange={setWhat} label={t("adminScopes.deleteWhat")}>
        <Stack gap="xs" mt="xs">
          <Radio value="app" label={t("adminScopes.deleteApp")} />
          <Radio value="scopes" label={t("adminScopes.deleteScopes")} />
        </Stack>
      </Radio.Group>
    </TypedName>
  );
}
