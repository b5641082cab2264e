import { Button, Checkbox, Group, List, Modal, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ApiError, take } from "../api/client";
import { appsQuery, client, dependentsQuery } from "../api/queries";
import type { App } from "../api/types";
import { t } from "../strings";
import { Failure, Loaded } from "./Failure";
import { failed, succeeded } from "./notify";
import { Secret } from "./Secret";
import { useProof } from "./StepUp";
import { TypedName } from "./TypedName";

/** What is being done with an app. */
export interface AppAct {
  kind: "edit" | "rotate" | "delete";
  app: App;
}

export const refreshApps = () => client.invalidateQueries({ queryKey: appsQuery.queryKey });

/** What is wrong with an app's name, or null. */
export function nameError(name: string, others: string[]): string | null {
  const trimmed = name.trim();
  if (!trimmed) return t("common.required");
  if ([...trimmed].length > 64) return t("createApp.nameLong");
  if (/\p{Cc}/u.test(trimmed)) return t("createApp.nameControl");
  if (others.some((other) => other.toLowerCase() === trimmed.toLowerCase())) {
    return t("createApp.nameTaken");
  }
  return null;
}

/** Switches an app on or off; takes effect at once. */
export async function setAppState(app: App, state: App["state"]): Promise<void> {
  try {
    const params = { path: { clientId: app.clientId } };
    await take(api.PATCH("/apps/{clientId}", { params, body: { state } }));
    await refreshApps();
    succeeded(t(state === "enabled" ? "sdk.nowEnabled" : "sdk.nowDisabled", { name: app.name }));
  } catch (error) {
    failed(error);
  }
}

interface Props {
  act: AppAct;
  others: string[];
  close: () => void;
  deleted: (app: App) => void;
}

export function AppDialogs({ act, others, close, deleted }: Props) {
  if (act.kind === "edit") return <EditApp app={act.app} others={others} close={close} />;
  if (act.kind === "rotate") return <RotateSecret app={act.app} close={close} />;
  return <DeleteApp app={act.app} close={close} deleted={deleted} />;
}

function EditApp({ app, others, close }: { app: App; others: string[]; close: () => void }) {
  const [name, setName] = useState(app.name);
  const [jti, setJti] = useState(app.enforceJti);
  const [understood, setUnderstood] = useState(false);
  const [nameProblem, setNameProblem] = useState<string | null>(null);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const tightens = jti && !app.enforceJti;
  const withProof = useProof();
  const submit = async () => {
    const problem = nameError(name, others.filter((other) => other !== app.name));
    setNameProblem(problem);
    if (problem || busy || (tightens && !understood)) return;
    setBusy(true);
    setError(undefined);
    try {
      const params = { path: { clientId: app.clientId } };
      const body = { name: name.trim(), enforceJti: jti };
      const saved = await withProof(() => take(api.PATCH("/apps/{clientId}", { params, body })));
      if (!saved) return;
      await refreshApps();
      succeeded(t("sdk.saved", { name: name.trim() }));
      close();
    } catch (reason) {
      const field = reason instanceof ApiError ? reason.field("name") : undefined;
      if (field) setNameProblem(field);
      else setError(reason);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={close}
      title={t("editApp.title")}
      zIndex={250}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Stack>
          <TextInput
            label={t("createApp.name")}
            required
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={nameProblem}
          />
          <Checkbox
            label={t("createApp.jti")}
            description={t("createApp.jtiHint")}
            checked={jti}
            onChange={(event) => setJti(event.currentTarget.checked)}
          />
          {tightens && (
            <Stack gap="xs">
              <Text>{t("editApp.warning")}</Text>
              <Checkbox
                label={t("editApp.understood")}
                checked={understood}
                onChange={(event) => setUnderstood(event.currentTarget.checked)}
              />
            </Stack>
          )}
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={busy} disabled={tightens && !understood}>
              {t("common.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function RotateSecret({ app, close }: { app: App; close: () => void }) {
  const [grace, setGrace] = useState<string | number>(24);
  const [rangeError, setRangeError] = useState(false);
  const [secret, setSecret] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const withProof = useProof();
  const submit = async () => {
    const hours = typeof grace === "number" ? grace : Number.NaN;
    const fits = Number.isInteger(hours) && hours >= 0 && hours <= 72;
    setRangeError(!fits);
    if (!fits || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const params = { path: { clientId: app.clientId } };
      const body = { graceHours: hours };
      const answer = await withProof(() =>
        take(api.POST("/apps/{clientId}/secret/rotate", { params, body })),
      );
      if (!answer) return;
      setSecret(answer.secret);
      void refreshApps();
      succeeded(t("sdk.rotated", { name: app.name }));
    } catch (reason) {
      setError(reason);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={close}
      title={t("rotate.title")}
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
            <NumberInput
              label={t("rotate.grace")}
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
                {t("rotate.submit")}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
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
        const params = { path: { clientId: app.clientId } };
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
        {({ agents, mappings, adminScopes }) => (
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
          </List>
        )}
      </Loaded>
    </TypedName>
  );
}
