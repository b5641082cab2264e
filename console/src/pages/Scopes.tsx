import { Alert, Anchor, Button, Checkbox, Group, Stack, Table, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "../api/client";
import { agentQuery, appsQuery, client, mappingsQuery, scopesQuery } from "../api/queries";
import type { Mapping } from "../api/types";
import { ClientId } from "../parts/AppTable";
import { Loaded } from "../parts/Failure";
import { succeeded } from "../parts/notify";
import { focusHeading, PageHead } from "../parts/PageHead";
import { Rows } from "../parts/Rows";
import { changedBy, MappingActions } from "../parts/ScopeFields";
import { MappingState } from "../parts/State";
import { TypedName } from "../parts/TypedName";
import { t } from "../strings";

/** Says that scopes act after a publish, and leads there. */
export function PublishBanner({ botId }: { botId: string }) {
  return (
    <Alert color="gray" icon={<IconInfoCircle aria-hidden />} title={t("scopes.banner")}>
      <Group gap="md">
        <Text size="sm">{t("scopes.refused")}</Text>
        <Anchor component={Link} to={`/builder/${botId}/deploy/publish`} size="sm">
          {t("scopes.goToPublish")}
        </Anchor>
      </Group>
    </Alert>
  );
}

/** The scope mappings of one agent. */
export function Scopes() {
  const { botId } = useParams({ from: "/signed-in/builder/$botId/settings/dev-tools/api-scope" });
  const agent = useQuery(agentQuery(botId));
  const mappings = useQuery(mappingsQuery(botId));
  const [deleting, setDeleting] = useState<Mapping>();
  const create = (
    <Button component={Link} to={`/builder/${botId}/settings/dev-tools/api-scope/new`}>
      {t("scopes.create")}
    </Button>
  );
  const empty = mappings.data?.items.length === 0;
  return (
    <>
      <PageHead
        title={t("scopes.title")}
        purpose={t("scopes.purpose")}
        agent={agent.data?.name}
        actions={empty ? undefined : create}
      />
      <Stack gap="lg">
        <Loaded query={mappings}>
          {({ items }) =>
            items.length === 0 ? (
              <Rows.Empty text={t("scopes.empty")}>{create}</Rows.Empty>
            ) : (
              <>
                {items.some((item) => item.state !== "published") && <PublishBanner botId={botId} />}
                <MappingTable items={items} botId={botId} remove={setDeleting} />
              </>
            )
          }
        </Loaded>
      </Stack>
      {deleting && (
        <DeleteMapping botId={botId} mapping={deleting} close={() => setDeleting(undefined)} />
      )}
    </>
  );
}

interface TableProps {
  items: Mapping[];
  botId: string;
  remove: (mapping: Mapping) => void;
}

function MappingTable({ items, botId, remove }: TableProps) {
  const scopes = useQuery(scopesQuery);
  const names = (ids: string[]) => {
    const list = ids.map((id) => scopes.data?.items.find((s) => s.id === id)?.name ?? id);
    const values = { count: list.length, names: list.slice(0, 2).join(", ") };
    if (list.length === 0) return t("common.none");
    return list.length > 2
      ? t("scopes.someMore", { ...values, more: list.length - 2 })
      : t("scopes.some", values);
  };
  return (
    <Rows label={t("scopes.title")} minWidth={860}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("scopes.columnApp")}</Table.Th>
          <Table.Th>{t("scopes.columnClient")}</Table.Th>
          <Table.Th>{t("scopes.columnScopes")}</Table.Th>
          <Table.Th>{t("scopes.columnPublished")}</Table.Th>
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
            <Table.Td>{names(item.draft)}</Table.Td>
            <Table.Td>
              <MappingState mapping={item} />
            </Table.Td>
            <Table.Td>{changedBy(item)}</Table.Td>
            <Table.Td>
              <MappingActions
                name={item.appName}
                edit={`/builder/${botId}/settings/dev-tools/api-scope/${item.clientId}`}
                removeLabel={t("scopes.deleteNamed", { name: item.appName })}
                remove={() => remove(item)}
              />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Rows>
  );
}

interface DeleteProps {
  botId: string;
  mapping: Mapping;
  close: () => void;
}

function DeleteMapping({ botId, mapping, close }: DeleteProps) {
  const apps = useQuery(appsQuery);
  const app = apps.data?.items.find((item) => item.clientId === mapping.clientId);
  const [choice, setChoice] = useState<boolean>();
  const revoke = choice ?? app?.state === "disabled";
  return (
    <TypedName
      title={t("scopes.deleteTitle")}
      name={mapping.appName}
      button={t("scopes.deleteButton")}
      close={close}
      act={async () => {
        const params = { path: { botId, clientId: mapping.clientId } };
        const name = mapping.appName;
        await take(api.DELETE("/agents/{botId}/scope-mappings/{clientId}", { params }));
        if (revoke && mapping.published.length > 0) {
          await take(api.POST("/agents/{botId}/scope-mappings/{clientId}/revoke", { params }));
        }
        await client.invalidateQueries({ queryKey: ["mappings", botId] });
        succeeded(t(revoke ? "scopes.revoked" : "scopes.deleted", { name }), true);
        close();
        focusHeading();
      }}
    >
      <Text>{t("scopes.deleteText", { name: mapping.appName })}</Text>
      <Checkbox
        label={t("scopes.revokeNow")}
        checked={revoke}
        onChange={(event) => setChoice(event.currentTarget.checked)}
      />
    </TypedName>
  );
}
