import { Anchor, Button, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { dataAppsQuery } from "../api/queries";
import type { App } from "../api/types";
import type { AppAct } from "../parts/appActs";
import { AppDialogs } from "../parts/appDialogs";
import { ClientId, RowMenu } from "../parts/AppTable";
import { CreateApp } from "../parts/CreateApp";
import { DataNav } from "../parts/DataNav";
import { Loaded } from "../parts/Failure";
import { Need, useMay } from "../parts/Need";
import { succeeded } from "../parts/notify";
import { focusHeading, PageHead } from "../parts/PageHead";
import { Rows } from "../parts/Rows";
import { AppState } from "../parts/State";
import { when } from "../parts/time";
import { t } from "../strings";

const onOff = (value: boolean) => (value ? t("common.on") : t("common.off"));

/** The data apps of the account. */
export function DataApps() {
  const { dialog } = useSearch({ from: "/signed-in/builder/data/apps" });
  const navigate = useNavigate();
  const apps = useQuery(dataAppsQuery);
  const [act, setAct] = useState<AppAct>();
  const may = useMay("account");
  const open = (next: { dialog?: "new-app" }) => void navigate({ to: "/builder/data/apps", search: next });
  const names = apps.data?.items.map((app) => app.name) ?? [];
  const create = may && <Button onClick={() => open({ dialog: "new-app" })}>{t("dataApps.newApp")}</Button>;
  const empty = apps.data?.items.length === 0;
  return (
    <>
      <DataNav />
      <PageHead
        title={t("dataApps.title")}
        purpose={t("dataApps.purpose")}
        actions={empty ? undefined : create}
      />
      <Need permission="view">
        <Loaded query={apps}>
          {({ items }) =>
            items.length === 0 ? (
              <Rows.Empty text={t("dataApps.empty")}>{create}</Rows.Empty>
            ) : (
              <AppRows items={items} act={setAct} />
            )
          }
        </Loaded>
      </Need>
      {dialog === "new-app" && may && (
        <CreateApp
          kind="data"
          others={names}
          cancel={() => open({})}
          done={(app) => {
            succeeded(t("sdk.created", { name: app.name }));
            void navigate({ to: "/builder/data/apps/$clientId", params: { clientId: app.clientId } });
          }}
        />
      )}
      {act && (
        <AppDialogs
          key={act.kind + act.app.clientId}
          act={act}
          others={names}
          close={() => setAct(undefined)}
          deleted={() => {
            setAct(undefined);
            focusHeading();
          }}
        />
      )}
    </>
  );
}

function AppRows({ items, act }: { items: App[]; act: (act: AppAct) => void }) {
  return (
    <Rows label={t("dataApps.title")} minWidth={820}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("common.name")}</Table.Th>
          <Table.Th>{t("sdk.clientId")}</Table.Th>
          <Table.Th>{t("sdk.columnJti")}</Table.Th>
          <Table.Th>{t("sdk.columnJwe")}</Table.Th>
          <Table.Th>{t("dataApps.tables")}</Table.Th>
          <Table.Th>{t("dataApps.views")}</Table.Th>
          <Table.Th>{t("sdk.columnLastUsed")}</Table.Th>
          <Table.Th>{t("common.state")}</Table.Th>
          <Table.Th>{t("common.actions")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((app) => (
          <Table.Tr key={app.clientId}>
            <Table.Td fw={500}>
              <Anchor
                renderRoot={(props) => (
                  <Link {...props} to="/builder/data/apps/$clientId" params={{ clientId: app.clientId }} />
                )}
              >
                {app.name}
              </Anchor>
            </Table.Td>
            <Table.Td>
              <ClientId id={app.clientId} />
            </Table.Td>
            <Table.Td>{onOff(app.enforceJti)}</Table.Td>
            <Table.Td>{onOff(app.enforceJwe)}</Table.Td>
            <Table.Td>
              <Text size="sm">{app.dataTables}</Text>
            </Table.Td>
            <Table.Td>
              <Text size="sm">{app.dataViews}</Text>
            </Table.Td>
            <Table.Td>{when(app.lastUsedAt)}</Table.Td>
            <Table.Td>
              <AppState app={app} />
            </Table.Td>
            <Table.Td>
              <RowMenu app={app} act={act} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Rows>
  );
}
