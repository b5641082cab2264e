import { Alert, Button, Group, Modal, Stack, Switch, Table, Text, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, take } from "../api/client";
import { agentsQuery, appQuery, client, mappingsQuery, scopesQuery } from "../api/queries";
import type { App } from "../api/types";
import { t } from "../strings";
import { refreshApps } from "./appActs";
import { Failure, Loaded } from "./Failure";
import { succeeded } from "./notify";
import { Rows } from "./Rows";

interface Named {
  botId: string;
  name: string;
}

/** Which agents an app is linked to, with a switch for each. */
export function LinkedAgents({ app, close }: { app: App; close: () => void }) {
  const [typed, setTyped] = useState("");
  const [cursor, setCursor] = useState<string>();
  const [asking, setAsking] = useState<Named>();
  const [error, setError] = useState<unknown>();
  const agents = useQuery(agentsQuery(typed.trim(), cursor));
  const fresh = useQuery(appQuery(app.clientId));
  const linked = (fresh.data ?? app).agents;
  const set = async (agent: Named, on: boolean) => {
    setError(undefined);
    setAsking(undefined);
    const params = { path: { clientId: app.clientId, botId: agent.botId } };
    const call = on
      ? api.PUT("/apps/{clientId}/agents/{botId}", { params })
      : api.DELETE("/apps/{clientId}/agents/{botId}", { params });
    try {
      await take<unknown>(call);
      succeeded(t(on ? "linkedAgents.linked" : "linkedAgents.unlinked", { name: app.name, agent: agent.name }));
    } catch (reason) {
      setError(reason);
    }
    await Promise.all([refreshApps(), client.invalidateQueries({ queryKey: ["mappings"] })]);
  };
  return (
    <Modal
      opened
      onClose={close}
      title={t("linkedAgents.title", { name: app.name })}
      size="lg"
      zIndex={250}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <Stack>
        <Text c="dimmed">{t("linkedAgents.text")}</Text>
        <TextInput
          label={t("linkedAgents.search")}
          type="search"
          data-autofocus
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setCursor(undefined);
          }}
        />
        <Loaded query={agents}>
          {({ items, next }) =>
            items.length === 0 ? (
              <Text>{t("common.noResults")}</Text>
            ) : (
              <>
                <Rows label={t("linkedAgents.title", { name: app.name })} minWidth={300}>
                  <Table.Tbody>
                    {items.map((agent) => (
                      <Table.Tr key={agent.botId}>
                        <Table.Td>
                          <Switch
                            label={agent.name}
                            description={agent.botId}
                            checked={linked.includes(agent.botId)}
                            onChange={(event) =>
                              event.currentTarget.checked ? void set(agent, true) : setAsking(agent)
                            }
                          />
                        </Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Rows>
                {next && (
                  <Button variant="default" onClick={() => setCursor(next)}>
                    {t("linkedAgents.more")}
                  </Button>
                )}
              </>
            )
          }
        </Loaded>
        {asking && (
          <Unlink
            app={app}
            agent={asking}
            cancel={() => setAsking(undefined)}
            unlink={() => void set(asking, false)}
          />
        )}
        {error !== undefined && <Failure error={error} />}
        <Group justify="flex-end">
          <Button onClick={close}>{t("createApp.done")}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

interface UnlinkProps {
  app: App;
  agent: Named;
  cancel: () => void;
  unlink: () => void;
}

/** Names the scopes that go with a link. */
function Unlink({ app, agent, cancel, unlink }: UnlinkProps) {
  const mappings = useQuery(mappingsQuery(agent.botId));
  const scopes = useQuery(scopesQuery);
  const ids = mappings.data?.items.find((one) => one.clientId === app.clientId)?.published ?? [];
  const names = ids.map((id) => scopes.data?.items.find((scope) => scope.id === id)?.name ?? id);
  return (
    <Alert
      color="orange"
      role="alert"
      icon={<IconAlertTriangle aria-hidden />}
      title={t("linkedAgents.ask", { agent: agent.name })}
    >
      <Stack gap="xs">
        <Loaded query={mappings} rows={1}>
          {() => (
            <Text size="sm">
              {names.length > 0
                ? t("linkedAgents.scopes", { names: names.join(", ") })
                : t("linkedAgents.noScopes")}
            </Text>
          )}
        </Loaded>
        <Group gap="xs">
          <Button size="compact-sm" variant="default" autoFocus onClick={cancel}>
            {t("common.cancel")}
          </Button>
          <Button
            size="compact-sm"
            color="red.9"
            c="white"
            disabled={!mappings.data}
            onClick={unlink}
          >
            {t("sdk.unlink")}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
