import { Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useBlocker, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "../api/client";
import { adminAppsQuery, adminMappingsQuery, adminScopesQuery, client } from "../api/queries";
import type { AdminMapping, App, Scope } from "../api/types";
import { AppDialogs, type AppAct } from "../parts/appDialogs";
import { ManageApps } from "../parts/AppTable";
import { CreateApp } from "../parts/CreateApp";
import { Fact } from "../parts/Fact";
import { Failure, Loaded } from "../parts/Failure";
import { Leaving } from "../parts/Leaving";
import { Need } from "../parts/Need";
import { succeeded } from "../parts/notify";
import { PageHead } from "../parts/PageHead";
import { ScopeGroup } from "../parts/ScopeGroup";
import { Secret } from "../parts/Secret";
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
      <Need permission="apps">
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
  const [initial] = useState(() => mapped.find((m) => m.clientId === given)?.scopes ?? []);
  const [clientId, setClientId] = useState(given);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(() => new Set(initial));
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<{ app?: string; scopes?: string }>({});
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [leaving] = useState({ now: false });
  const app = apps.find((item) => item.clientId === clientId);
  const added = [...ticked].filter((id) => !initial.includes(id)).length;
  const removed = initial.filter((id) => !ticked.has(id)).length;
  const changed = added + removed > 0;
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
      scopes: ticked.size > 0 ? undefined : t("scopes.needOne"),
    };
    setProblem(found);
    if (!app || found.scopes || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const params = { path: { clientId: app.clientId } };
      const body = { scopes: scopes.filter((s) => ticked.has(s.id)).map((s) => s.id) };
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
  const wanted = typed.trim().toLowerCase();
  const found = scopes.filter(
    (s) => !wanted || `${s.group} ${s.name} ${s.description ?? ""}`.toLowerCase().includes(wanted),
  );
  const groups = [...new Set(found.map((scope) => scope.group))];
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
        {app && (
          <dl className="facts card">
            <Fact label={t("scopes.clientId")} value={app.clientId} copy={app.clientId} />
            {app.algorithm.startsWith("HS") && (
              <Fact label={t("scopes.clientSecret")} value={<Secret clientId={app.clientId} />} />
            )}
          </dl>
        )}
        <Text fw={600} component="h2" id="scopes-heading">
          {t("adminScopes.scopes")}
        </Text>
        <TextInput
          label={t("scopes.search")}
          type="search"
          maw={360}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        {found.length === 0 && <Text>{t("common.noResults")}</Text>}
        {groups.map((group) => (
          <ScopeGroup
            key={group}
            group={group}
            scopes={found.filter((scope) => scope.group === group)}
            ticked={ticked}
            change={(next) => {
              setTicked(next);
              setProblem((p) => ({ ...p, scopes: undefined }));
            }}
          />
        ))}
        {problem.scopes && (
          <Text c="var(--mantine-color-error)" role="alert">
            {problem.scopes}
          </Text>
        )}
        {error !== undefined && <Failure error={error} />}
        <div className="sticky-foot">
          <Button type="submit" loading={busy}>
            {t("common.save")}
          </Button>
          <Button component={Link} to={LIST} variant="default">
            {t("common.cancel")}
          </Button>
          <Text role="status" className="number" size="sm">
            {t("scopes.counter", { count: ticked.size })}
          </Text>
          {changed && (
            <Text c="dimmed" size="sm">
              {`${t("common.unsaved")}: ${t("scopes.diff", { added, removed })}`}
            </Text>
          )}
        </div>
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
