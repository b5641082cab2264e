import { Button, Group, List, Modal, NumberInput, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ApiError, take } from "../api/client";
import { client, dependentsQuery } from "../api/queries";
import type { App } from "../api/types";
import { t } from "../strings";
import { hasSecret, refreshApps, seen, type AppAct } from "./appActs";
import { Ask } from "./Ask";
import { EditApp } from "./EditApp";
import { Failure, Loaded } from "./Failure";
import { useReturnFocus } from "./focus";
import { keyError, KeyField } from "./KeyField";
import { LinkedAgents } from "./LinkedAgents";
import { succeeded } from "./notify";
import { Secret } from "./Secret";
import { useProof } from "./StepUp";
import { when } from "./time";
import { TypedName } from "./TypedName";

interface Props {
  act: AppAct;
  others: string[];
  close: () => void;
  deleted: (app: App) => void;
}

export function AppDialogs({ act, others, close, deleted }: Props) {
  useReturnFocus();
  if (act.kind === "edit") return <EditApp app={act.app} others={others} close={close} />;
  if (act.kind === "rotate") return <Rotate app={act.app} close={close} />;
  if (act.kind === "agents") return <LinkedAgents app={act.app} close={close} />;
  if (act.kind === "end") return <EndGrace app={act.app} close={close} />;
  return <DeleteApp app={act.app} close={close} deleted={deleted} />;
}

/** A new secret, or for apps with a key pair a new public key; the old one goes on for a while. */
function Rotate({ app, close }: { app: App; close: () => void }) {
  const secretive = hasSecret(app);
  const [grace, setGrace] = useState<string | number>(24);
  const [rangeError, setRangeError] = useState(false);
  const [key, setKey] = useState("");
  const [keyProblem, setKeyProblem] = useState<string | null>(null);
  const [secret, setSecret] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const withProof = useProof();
  const params = { path: { clientId: app.clientId } };
  const send = (graceHours: number) =>
    secretive
      ? take(api.POST("/apps/{clientId}/secret/rotate", { params, body: { graceHours } })).then((a) => a.secret)
      : take(
          api.POST("/apps/{clientId}/key", { params, body: { publicKey: key.trim(), graceHours } }),
        ).then(() => "");
  const submit = async () => {
    const hours = typeof grace === "number" ? grace : Number.NaN;
    const fits = Number.isInteger(hours) && hours >= 0 && hours <= 72;
    const wrongKey = secretive ? null : keyError(key);
    setRangeError(!fits);
    setKeyProblem(wrongKey);
    if (!fits || wrongKey || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const made = await withProof(() => send(hours));
      if (made === undefined) return;
      void refreshApps();
      succeeded(t(secretive ? "sdk.rotated" : "sdk.keyReplaced", { name: app.name }));
      if (made) setSecret(made);
      else close();
    } catch (reason) {
      const field = reason instanceof ApiError ? reason.field("publicKey") : undefined;
      if (field) setKeyProblem(field);
      else setError(reason);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={close}
      title={t(secretive ? "rotate.title" : "rotate.keyTitle")}
      zIndex={250}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {secret !== undefined ? (
        <Stack>
          <Text>{t("rotate.result", { name: app.name })}</Text>
          <Group gap="xs">
            <Secret clientId={app.clientId} known={secret} />
          </Group>
          <Group justify="flex-end">
            <Button onClick={close}>{t("createApp.done")}</Button>
          </Group>
        </Stack>
      ) : (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <Stack>
            {!secretive && (
              <KeyField
                id="rotate-key"
                label={t("createApp.publicKey")}
                description={t("createApp.publicKeyHint")}
                value={key}
                change={setKey}
                error={keyProblem}
                setError={setKeyProblem}
              />
            )}
            <NumberInput
              label={t(secretive ? "rotate.grace" : "rotate.keyGrace")}
              description={t("rotate.graceHint")}
              data-autofocus
              hideControls
              allowDecimal={false}
              value={grace}
              onChange={setGrace}
              error={rangeError ? t("rotate.graceRange") : undefined}
            />
            {error !== undefined && <Failure error={error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {t("common.cancel")}
              </Button>
              <Button type="submit" loading={busy}>
                {t(secretive ? "rotate.submit" : "rotate.keySubmit")}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

/** The secret or key before stops now, not at the end of its grace. */
function EndGrace({ app, close }: { app: App; close: () => void }) {
  return (
    <Ask
      title={t("endGrace.title")}
      button={t("endGrace.button")}
      close={close}
      act={async () => {
        const params = { path: { clientId: app.clientId } };
        await take(api.POST("/apps/{clientId}/key/end-grace", { params }));
        await refreshApps();
        succeeded(t("endGrace.done", { name: app.name }), true);
      }}
    >
      <Text>{t("endGrace.text", { name: app.name })}</Text>
    </Ask>
  );
}

interface DeleteProps {
  app: App;
  close: () => void;
  deleted: (app: App) => void;
}

function DeleteApp({ app, close, deleted }: DeleteProps) {
  const dependents = useQuery(dependentsQuery(app.clientId));
  const withProof = useProof();
  return (
    <TypedName
      title={t("deleteApp.title")}
      name={app.name}
      button={t("deleteApp.button")}
      close={close}
      act={async () => {
        const params = { path: { clientId: app.clientId }, header: seen(app) };
        let gone = false;
        await withProof(async () => {
          await take(api.DELETE("/apps/{clientId}", { params }));
          gone = true;
        });
        if (!gone) throw new ApiError({ status: 403, detail: t("stepUp.text") });
        await refreshApps();
        void client.invalidateQueries({ queryKey: ["mappings"] });
        void client.invalidateQueries({ queryKey: ["admin-mappings"] });
        succeeded(t("sdk.deleted", { name: app.name }), true);
        deleted(app);
      }}
    >
      <Text>{t("deleteApp.text", { name: app.name })}</Text>
      <Loaded query={dependents} rows={2}>
        {({ agents, mappings, adminScopes, accessTokens, dataGrants, calls }) => (
          <List size="sm">
            <List.Item>
              {t("deleteApp.agents", {
                names: agents.map((agent) => agent.name).join(", ") || t("common.none"),
              })}
            </List.Item>
            <List.Item>{t("deleteApp.mappings", { count: mappings })}</List.Item>
            {adminScopes > 0 && (
              <List.Item>{t("deleteApp.adminScopes", { count: adminScopes })}</List.Item>
            )}
            {dataGrants > 0 && (
              <List.Item>{t("deleteApp.dataGrants", { count: dataGrants })}</List.Item>
            )}
            <List.Item>{t("deleteApp.accessTokens", { count: accessTokens })}</List.Item>
            <List.Item>{t("deleteApp.calls", { count: calls })}</List.Item>
            <List.Item>{t("deleteApp.lastUsed", { time: when(app.lastUsedAt) })}</List.Item>
          </List>
        )}
      </Loaded>
    </TypedName>
  );
}
