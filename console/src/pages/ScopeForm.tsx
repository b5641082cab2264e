import { Anchor, Select, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useBlocker, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "../api/client";
import { agentQuery, appsQuery, client, mappingsQuery, scopesQuery } from "../api/queries";
import type { App, Mapping, Scope } from "../api/types";
import { Failure, Loaded } from "../parts/Failure";
import { Leaving } from "../parts/Leaving";
import { Need } from "../parts/Need";
import { succeeded } from "../parts/notify";
import { PageHead } from "../parts/PageHead";
import { AppFacts, ScopeFields, ScopeFoot, useTicked } from "../parts/ScopeFields";
import { t } from "../strings";
import { PublishBanner } from "./Scopes";

const NEW = "/signed-in/builder/$botId/settings/dev-tools/api-scope/new";
const EDIT = "/signed-in/builder/$botId/settings/dev-tools/api-scope/$clientId";
const CREATE = "+create";

export function NewScope() {
  const { botId } = useParams({ from: NEW });
  const { app } = useSearch({ from: NEW });
  return <ScopePage botId={botId} given={app} editing={false} />;
}

export function EditScope() {
  const { botId, clientId } = useParams({ from: EDIT });
  return <ScopePage botId={botId} given={clientId} editing />;
}

interface PageProps {
  botId: string;
  given?: string;
  editing: boolean;
}

/** Which scopes one app has on this agent. */
function ScopePage({ botId, given, editing }: PageProps) {
  const agent = useQuery(agentQuery(botId));
  const apps = useQuery(appsQuery);
  const scopes = useQuery(scopesQuery);
  const mappings = useQuery(mappingsQuery(botId));
  const title = editing ? t("scopes.editTitle") : t("scopes.new");
  return (
    <>
      <PageHead title={title} purpose={t("scopes.formPurpose")} agent={agent.data?.name} />
      <Need permission="apps">
        <Loaded query={apps}>
          {({ items: appItems }) => (
            <Loaded query={scopes}>
              {({ items: scopeItems }) => (
                <Loaded query={mappings}>
                  {({ items: mapped }) => (
                    <Form
                      key={given ?? ""}
                      botId={botId}
                      given={given}
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
  mapped: Mapping[];
}

function Form({ botId, given, editing, apps, scopes, mapped }: FormProps) {
  const navigate = useNavigate();
  const ticked = useTicked(mapped.find((m) => m.clientId === given)?.draft ?? []);
  const [clientId, setClientId] = useState(given);
  const [problem, setProblem] = useState<{ app?: string; scopes?: string }>({});
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const app = apps.find((item) => item.clientId === clientId);
  const { changed } = ticked;
  const blocker = useBlocker({
    shouldBlockFn: () => changed && !leaving.now,
    enableBeforeUnload: () => changed && !leaving.now,
    withResolver: true,
  });
  const [leaving] = useState({ now: false });
  const list = `/builder/${botId}/settings/dev-tools/api-scope`;

  const choose = (value: string | null) => {
    if (value === CREATE) {
      void navigate({
        to: "/builder/$botId/settings/dev-tools/web-mobile-sdk",
        params: { botId },
        search: { dialog: "create", back: "scope" },
      });
    } else if (value) {
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
      const params = { path: { botId, clientId: app.clientId } };
      const body = { scopes: scopes.filter((s) => ticked.ids.has(s.id)).map((s) => s.id) };
      await take(api.PUT("/agents/{botId}/scope-mappings/{clientId}", { params, body }));
      await client.invalidateQueries({ queryKey: ["mappings", botId] });
      succeeded(t("scopes.saved", { name: app.name }));
      leaving.now = true;
      await navigate({ to: list });
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
        void save();
      }}
    >
      <Stack gap="lg" maw={760}>
        <PublishBanner botId={botId} />
        <AppChoice
          botId={botId}
          apps={apps}
          mapped={mapped}
          value={clientId}
          choose={choose}
          editing={editing}
          error={problem.app}
        />
        {app && <AppFacts app={app} />}
        <ScopeFields
          scopes={scopes}
          groups={[t("scopes.automation"), t("scopes.contactCenter")]}
          ticked={ticked}
          error={problem.scopes}
          touched={() => setProblem((p) => ({ ...p, scopes: undefined }))}
        />
        {error !== undefined && <Failure error={error} />}
        <ScopeFoot ticked={ticked} busy={busy} list={list} />
      </Stack>
      {blocker.status === "blocked" && (
        <Leaving stay={blocker.reset} discard={blocker.proceed} />
      )}
    </form>
  );
}

interface ChoiceProps {
  botId: string;
  apps: App[];
  mapped: Mapping[];
  value?: string;
  choose: (value: string | null) => void;
  editing: boolean;
  error?: string;
}

function AppChoice({ botId, apps, mapped, value, choose, editing, error }: ChoiceProps) {
  const option = (app: App) => {
    const linked = app.agents.includes(botId);
    const taken = mapped.some((m) => m.clientId === app.clientId);
    const label = !linked
      ? t("scopes.linkFirst", { name: app.name })
      : taken && !editing
        ? t("scopes.mapped", { name: app.name })
        : app.name;
    return { value: app.clientId, label, disabled: !linked || (taken && !editing) };
  };
  const toSdk = `/builder/${botId}/settings/dev-tools/web-mobile-sdk`;
  return (
    <Stack gap={4}>
      <Select
        label={t("scopes.jwtApp")}
        placeholder={t("scopes.choose")}
        required
        w={360}
        maw="100%"
        searchable
        allowDeselect={false}
        disabled={editing}
        value={value ?? null}
        onChange={choose}
        data={[...apps.map(option), { value: CREATE, label: t("sdk.create") }]}
        error={error}
      />
      {!apps.some((app) => app.agents.includes(botId)) && (
        <Text size="sm" c="dimmed">
          {`${t("scopes.noLinked")} `}
          <Anchor component={Link} to={toSdk} size="sm">
            {t("scopes.toSdk")}
          </Anchor>
        </Text>
      )}
    </Stack>
  );
}
