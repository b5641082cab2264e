import { ActionIcon, Button, Group, Menu, Modal, Table, Text } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import type { App } from "../api/types";
import { t } from "../strings";
import { hasSecret, setAppState, type AppAct } from "./appActs";
import { Copy } from "./Copy";
import { useReturnFocus } from "./focus";
import { Rows } from "./Rows";
import { AppState } from "./State";
import { when } from "./time";

const onOff = (value: boolean) => (value ? t("common.on") : t("common.off"));

interface Props {
  apps: App[];
  close: () => void;
  act: (act: AppAct) => void;
  /** Admin apps are linked to no agent. */
  admin?: boolean;
  create?: () => void;
}

/** Manage Apps: every platform app of the account. */
export function ManageApps({ apps, close, act, admin, create }: Props) {
  useReturnFocus();
  return (
    <Modal
      opened
      onClose={close}
      title={t("sdk.manage")}
      size="70rem"
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <Rows label={t("sdk.manage")} minWidth={900}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("common.name")}</Table.Th>
            <Table.Th>{t("sdk.clientId")}</Table.Th>
            <Table.Th>{t("sdk.columnAlgorithm")}</Table.Th>
            <Table.Th>{t("sdk.columnJti")}</Table.Th>
            <Table.Th>{t("sdk.columnJwe")}</Table.Th>
            <Table.Th>{t("sdk.columnPayload")}</Table.Th>
            {!admin && <Table.Th>{t("sdk.columnLinked")}</Table.Th>}
            <Table.Th>{t("sdk.columnLastUsed")}</Table.Th>
            <Table.Th>{t("common.state")}</Table.Th>
            <Table.Th>{t("common.actions")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {apps.map((app) => (
            <Table.Tr key={app.clientId}>
              <Table.Td fw={500}>{app.name}</Table.Td>
              <Table.Td>
                <ClientId id={app.clientId} />
              </Table.Td>
              <Table.Td>{app.algorithm}</Table.Td>
              <Table.Td>{onOff(app.enforceJti)}</Table.Td>
              <Table.Td>{onOff(app.enforceJwe)}</Table.Td>
              <Table.Td>{onOff(app.payload !== "off")}</Table.Td>
              {!admin && <Table.Td>{t("sdk.linkedCount", { count: app.agents.length })}</Table.Td>}
              <Table.Td>{when(app.lastUsedAt)}</Table.Td>
              <Table.Td>
                <AppState app={app} />
              </Table.Td>
              <Table.Td>
                {app.mine && <RowMenu app={app} act={act} />}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Rows>
      {create && (
        <>
          {apps.length === 0 && <Text py="lg">{t("adminScopes.noApps")}</Text>}
          <Group justify="space-between" mt="md">
            <Button variant="default" onClick={create}>
              {t("adminScopes.newApp")}
            </Button>
            <Button onClick={close}>{t("createApp.done")}</Button>
          </Group>
        </>
      )}
    </Modal>
  );
}

/** An id, shortened in the middle; the whole one is copied. */
export function ClientId({ id }: { id: string }) {
  const short = id.length > 18 ? `${id.slice(0, 9)}…${id.slice(-6)}` : id;
  return (
    <span style={{ display: "inline-flex", alignItems: "center", whiteSpace: "nowrap" }}>
      <span className="mono" title={id}>
        {short}
      </span>
      <Copy value={id} name={t("sdk.clientId")} />
    </span>
  );
}

/** What can be done with an app of a list. */
export function RowMenu({ app, act }: { app: App; act: (act: AppAct) => void }) {
  return (
    <Menu position="bottom-end" zIndex={300}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          c="dimmed"
          aria-label={t("sdk.menu", { name: app.name })}
        >
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => act({ kind: "edit", app })}>{t("sdk.edit")}</Menu.Item>
        {app.kind === "platform" && (
          <Menu.Item onClick={() => act({ kind: "agents", app })}>{t("linkedAgents.open")}</Menu.Item>
        )}
        <Menu.Item onClick={() => act({ kind: "rotate", app })}>
          {t(hasSecret(app) ? "sdk.rotate" : "sdk.replaceKey")}
        </Menu.Item>
        {app.secretEndsAt && (
          <Menu.Item onClick={() => act({ kind: "end", app })}>{t("sdk.endNow")}</Menu.Item>
        )}
        {app.state === "enabled" ? (
          <Menu.Item onClick={() => void setAppState(app, "disabled")}>{t("sdk.disable")}</Menu.Item>
        ) : (
          <Menu.Item onClick={() => void setAppState(app, "enabled")}>{t("sdk.enable")}</Menu.Item>
        )}
        <Menu.Item
          c="var(--mantine-color-error)"
          onClick={() => act({ kind: "delete", app })}
        >
          {t("sdk.delete")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
