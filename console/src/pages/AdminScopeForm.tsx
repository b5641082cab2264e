import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useBlocker, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "../api/client";
import { adminAppsQuery, adminMappingsQuery, adminScopesQuery, client } from "../api/queries";
import type { AdminMapping, App, Scope } from "../api/types";
import type { AppAct } from "../parts/appActs";
import { AppDialogs } from "../parts/appDialogs";
import { ManageApps } from "../parts/AppTable";
import { CreateApp } from "../parts/CreateApp";
import { Failure, Loaded } from "../parts/Failure";
import { Leaving } from "../parts/Leaving";
import { Need } from "../parts/Need";
import { succeeded } from "../parts/notify";
import { PageHead } from "../parts/PageHead";
import { AppFacts, ScopeFields, ScopeFoot, useTicked } from "../parts/ScopeFields";
import { t } from "../strings";

const LIST = "/admin/security/api-scopes";
const NEW = "/signed-in/admin/security/api-scopes/new";
const EDIT = "/signed-in/admin/security/api-scopes/$clientId";
const CREATE = "+create";

type Dialog = "manage-apps" | "new-app";

export function NewAdminScope() {
  const { app, dialog } = useSearch({ from: NEW });
  return <Page given={app} dialog={dialog} editing={false} />;
}

export function EditAdminScope() {
  const { clientId } = useParams({ from: EDIT });
  return <Page given={clientId} editing />;
}

interface PageProps {
  given?: string;
  dialog?: Dialog;
  editing: boolean;
}

/** Which scopes one admin app has. */
function Page({ given, dialog, editing }: PageProps) {
  const apps = useQuery(adminAppsQuery);
  const scopes = useQuery(adminScopesQuery);
  const mappings = useQuery(adminMappingsQuery);
  return (
    <>
      <PageHead
        title={t(editing ? "scopes.editTitle" : "scopes.new")}
        purpose={t("adminScopes.formPurpose")}
      />
      <Need permission="account">
        <Loaded query={apps}>
          {({ items: appItems }) => (
            <Loaded query={scopes}>
              {({ items: scopeItems }) => (
                <Loaded query={mappings}>
                  {({ items: mapped }) => (
                    <Form
                      given={given}
                      dialog={dialog}
                      editing={editing}
                      apps={appItems}
                      scopes={scopeItems}
                      mapped={mapped}
                    />
                  )}
                </Loaded>
              )}
            </Loaded>
          )}
        </Loaded>
      </Need>
    </>
  );
}

interface FormProps extends PageProps {
  apps: App[];
  scopes: Scope[];
  mapped: AdminMapping[];
}

function Form({ given, dialog, editing, apps, scopes, mapped }: FormProps) {
  const navigate = useNavigate();
  const ticked = useTicked(mapped.find((m) => m.clientId === given)?.scopes ?? []);
  const [clientId, setClientId] = useState(given);
  const [problem, setProblem] = useState<{ app?: string; scopes?: string }>({});
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [leaving] = useState({ now: false });
  const app = apps.find((item) => item.clientId === clientId);
  const { changed } = ticked;
  // The dialogs have addresses of their own on this page: they keep what was ticked.
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) =>
      changed && !leaving.now && current.pathname !== next.pathname,
    enableBeforeUnload: () => changed && !leaving.now,
    withResolver: true,
  });
  const open = (to?: Dialog) =>
    void navigate({ to: `${LIST}/new`, search: to ? { dialog: to } : {}, replace: !to });
  const choose = (value: string | null) => {
    if (value === CREATE) open("new-app");
    else if (value) {
      setClientId(value);
      setProblem((p) => ({ ...p, app: undefined }));
    }
  };
  const save = async () => {
    const found = {
      app: app ? undefined : t("scopes.needApp"),
      scopes: ticked.ids.size > 0 ? undefined : t("scopes.needOne"),
    };
    setProblem(found);
    if (!app || found.scopes || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const params = { path: { clientId: app.clientId } };
      const body = { scopes: scopes.filter((s) => ticked.ids.has(s.id)).map((s) => s.id) };
      await take(api.PUT("/account/scope-mappings/{clientId}", { params, body }));
      await client.invalidateQueries({ queryKey: adminMappingsQuery.queryKey });
      succeeded(t("adminScopes.saved", { name: app.name }));
      leaving.now = true;
      await navigate({ to: LIST });
    } catch (reason) {
      setError(reason);
      setBusy(false);
    }
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (event.target === event.currentTarget) void save();
      }}
    >
      <Stack gap="lg" maw={760}>
        <Group align="flex-end" gap="sm">
          <Select
            label={t("adminScopes.app")}
            placeholder={t("scopes.choose")}
            required
            w={360}
            maw="100%"
            searchable
            allowDeselect={false}
            disabled={editing}
            value={clientId ?? null}
            onChange={choose}
            data={[
              ...apps.map((item) => {
                const taken = !editing && mapped.some((m) => m.clientId === item.clientId);
                const label = taken ? t("scopes.mapped", { name: item.name }) : item.name;
                return { value: item.clientId, label, disabled: taken };
              }),
              { value: CREATE, label: t("adminScopes.createApp") },
            ]}
            error={problem.app}
          />
          {!editing && (
            <Button variant="subtle" onClick={() => open("manage-apps")}>
              {t("sdk.manage")}
            </Button>
          )}
        </Group>
        {app && <AppFacts app={app} />}
        <Text fw={600} component="h2" id="scopes-heading">
          {t("adminScopes.scopes")}
        </Text>
        <ScopeFields
          scopes={scopes}
          ticked={ticked}
          error={problem.scopes}
          touched={() => setProblem((p) => ({ ...p, scopes: undefined }))}
        />
        {error !== undefined && <Failure error={error} />}
        <ScopeFoot ticked={ticked} busy={busy} list={LIST} />
      </Stack>
      <Dialogs
        dialog={dialog}
        apps={apps}
        open={open}
        chosen={setClientId}
        deleted={(gone) => gone.clientId === clientId && setClientId(undefined)}
      />
      {blocker.status === "blocked" && (
        <Leaving stay={blocker.reset} discard={blocker.proceed} />
      )}
    </form>
  );
}

interface DialogProps {
  dialog?: Dialog;
  apps: App[];
  open: (dialog?: Dialog) => void;
  chosen: (clientId: string) => void;
  deleted: (app: App) => void;
}

/** Manage Apps and New App, on top of the form. */
function Dialogs({ dialog, apps, open, chosen, deleted }: DialogProps) {
  const [act, setAct] = useState<AppAct>();
  const names = apps.map((app) => app.name);
  return (
    <>
      {dialog === "manage-apps" && (
        <ManageApps admin apps={apps} close={() => open()} act={setAct} create={() => open("new-app")} />
      )}
      {dialog === "new-app" && (
        <CreateApp
          others={names}
          cancel={() => open()}
          done={(app) => {
            chosen(app.clientId);
            succeeded(t("adminScopes.created", { name: app.name }));
            open();
          }}
        />
      )}
      {act && (
        <AppDialogs
          key={act.kind + act.app.clientId}
          act={act}
          others={names}
          close={() => setAct(undefined)}
          deleted={(app) => {
            setAct(undefined);
            deleted(app);
          }}
        />
      )}
    </>
  );
}
