import { Alert, Anchor, Button, Group, Modal, Select, Stack, Text } from "@mantine/core";
import { IconInfoCircle, IconPlayerPause } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { api, take } from "../api/client";
import { agentQuery, appsQuery } from "../api/queries";
import type { Agent, App } from "../api/types";
import { hasSecret, refreshApps, setAppState, type AppAct } from "../parts/appActs";
import { AppDialogs } from "../parts/appDialogs";
import { ManageApps } from "../parts/AppTable";
import { CreateApp } from "../parts/CreateApp";
import { Fact } from "../parts/Fact";
import { Loaded } from "../parts/Failure";
import { hand } from "../parts/handover";
import { ALGORITHMS } from "../parts/jwt";
import { failed, succeeded } from "../parts/notify";
import { Need, useMay } from "../parts/Need";
import { focusHeading, PageHead } from "../parts/PageHead";
import { PlatformKey } from "../parts/PlatformKey";
import { Rows } from "../parts/Rows";
import { Secret } from "../parts/Secret";
import { AppState } from "../parts/State";
import { when } from "../parts/time";
import { t } from "../strings";

const FROM = "/signed-in/builder/$botId/settings/dev-tools/web-mobile-sdk";
/** Value of the last option of the drop-down, which is no app. */
const CREATE = "+create";

/** Platform JWT apps: choose one, see its credentials, link it, change it. */
export function Sdk() {
  const { botId } = useParams({ from: FROM });
  const search = useSearch({ from: FROM });
  const navigate = useNavigate();
  const agent = useQuery(agentQuery(botId));
  const apps = useQuery(appsQuery);
  const [act, setAct] = useState<AppAct>();
  const mayCreate = useMay("apps");
  const picker = useRef<HTMLInputElement>(null);
  const go = (next: { app?: string; dialog?: "create" | "manage"; back?: "scope" }) =>
    void navigate({
      to: "/builder/$botId/settings/dev-tools/web-mobile-sdk",
      params: { botId },
      search: next,
    });
  const kept = search.app ? { app: search.app } : {};
  const names = apps.data?.items.map((app) => app.name) ?? [];
  const created = (app: App) => {
    succeeded(t("sdk.created", { name: app.name }));
    if (search.back === "scope") {
      void navigate({
        to: "/builder/$botId/settings/dev-tools/api-scope/new",
        params: { botId },
        search: { app: app.clientId },
      });
      return;
    }
    go({ app: app.clientId });
    window.setTimeout(() => picker.current?.focus(), 200);
  };
  return (
    <>
      <PageHead title={t("sdk.title")} purpose={t("sdk.purpose")} agent={agent.data?.name} />
      <Need permission="view">
      <Loaded query={apps}>
        {({ items }) =>
          items.length === 0 ? (
            <Rows.Empty text={t("sdk.empty")}>
              {mayCreate && <Button onClick={() => go({ dialog: "create" })}>{t("sdk.add")}</Button>}
            </Rows.Empty>
          ) : (
            <Stack gap="lg">
              <Group align="flex-end">
                <AppPicker
                  ref={picker}
                  apps={items}
                  botId={botId}
                  value={search.app}
                  choose={(app) => go(app === CREATE ? { ...kept, dialog: "create" } : { app })}
                />
                <Anchor
                  component="button"
                  type="button"
                  mih={32}
                  onClick={() => go({ ...kept, dialog: "manage" })}
                >
                  {t("sdk.manage")}
                </Anchor>
              </Group>
              <ChosenApp items={items} clientId={search.app} agent={agent.data} act={setAct} />
            </Stack>
          )
        }
      </Loaded>
      </Need>
      {search.dialog === "manage" && apps.data && (
        <ManageApps apps={apps.data.items} close={() => go(kept)} act={setAct} />
      )}
      {search.dialog === "create" && (
        <CreateApp
          botId={botId}
          others={names}
          cancel={() =>
            search.back === "scope"
              ? void navigate({
                  to: "/builder/$botId/settings/dev-tools/api-scope/new",
                  params: { botId },
                })
              : go(kept)
          }
          done={created}
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
            if (search.app === app.clientId) go(search.dialog ? { dialog: search.dialog } : {});
            focusHeading();
          }}
        />
      )}
    </>
  );
}

interface PickerProps {
  ref: React.Ref<HTMLInputElement>;
  apps: App[];
  botId: string;
  value?: string;
  choose: (value: string) => void;
}

function AppPicker({ ref, apps, botId, value, choose }: PickerProps) {
  const option = (app: App) => ({ value: app.clientId, label: app.name });
  const linked = apps.filter((app) => app.agents.includes(botId)).map(option);
  const other = apps.filter((app) => !app.agents.includes(botId)).map(option);
  const known = apps.some((app) => app.clientId === value);
  return (
    <Select
      ref={ref}
      label={t("sdk.jwtApp")}
      placeholder={t("sdk.choose")}
      w={360}
      maw="100%"
      searchable
      openOnFocus={false}
      allowDeselect={false}
      value={known ? (value ?? null) : null}
      onChange={(chosen) => chosen && choose(chosen)}
      data={[
        ...(linked.length > 0 ? [{ group: t("sdk.linkedGroup"), items: linked }] : []),
        ...(other.length > 0 ? [{ group: t("sdk.otherGroup"), items: other }] : []),
        { value: CREATE, label: t("sdk.create") },
      ]}
      filter={({ options, search: typed }) => {
        const wanted = typed.trim().toLowerCase();
        const fits = (label: string) => label.toLowerCase().includes(wanted);
        return options.flatMap((entry): typeof options => {
          if ("group" in entry) {
            const items = entry.items.filter((item) => fits(item.label));
            return items.length > 0 ? [{ ...entry, items }] : [];
          }
          return [entry];
        });
      }}
    />
  );
}

interface ChosenProps {
  items: App[];
  clientId?: string;
  agent?: Agent;
  act: (act: AppAct) => void;
}

function ChosenApp({ items, clientId, agent, act }: ChosenProps) {
  if (!clientId) return null;
  const app = items.find((item) => item.clientId === clientId);
  if (!app) {
    return (
      <Alert color="orange" icon={<IconInfoCircle aria-hidden />} role="status">
        {t("sdk.gone")}
      </Alert>
    );
  }
  return agent ? <Details app={app} agent={agent} act={act} /> : null;
}

interface DetailsProps {
  app: App;
  agent: Agent;
  act: (act: AppAct) => void;
}

function Details({ app, agent, act }: DetailsProps) {
  const [unlinking, setUnlinking] = useState(false);
  const mayChange = useMay("apps") && app.mine;
  const mayShow = useMay("secrets") && app.mine;
  const linked = app.agents.includes(agent.botId);
  const params = { path: { clientId: app.clientId, botId: agent.botId } };
  const link = async () => {
    try {
      await take(api.PUT("/apps/{clientId}/agents/{botId}", { params }));
      await refreshApps();
      succeeded(t("sdk.linked", { name: app.name }));
    } catch (error) {
      failed(error);
    }
  };
  const unlink = async () => {
    setUnlinking(false);
    try {
      await take(api.DELETE("/apps/{clientId}/agents/{botId}", { params }));
      await refreshApps();
      succeeded(t("sdk.unlinked", { name: app.name }));
    } catch (error) {
      failed(error);
    }
  };
  return (
    <Stack gap="lg">
      {app.state === "disabled" && (
        <Alert color="gray" icon={<IconPlayerPause aria-hidden />}>
          {t("sdk.disabledBanner")}
        </Alert>
      )}
      {!linked && (
        <Alert color="orange" icon={<IconInfoCircle aria-hidden />}>
          {t("sdk.notLinked")}
        </Alert>
      )}
      <dl className="facts card" aria-label={app.name}>
        <Fact label={t("sdk.appName")} value={agent.name} copy={agent.name} />
        <Fact label={t("sdk.appId")} value={agent.botId} copy={agent.botId} />
        <Fact label={t("sdk.clientId")} value={app.clientId} copy={app.clientId} />
        {hasSecret(app) && mayShow && (
          <Fact label={t("sdk.clientSecret")} value={<Secret clientId={app.clientId} />} />
        )}
        {app.publicKeyPrint && <Fact label={t("sdk.keyPrint")} value={app.publicKeyPrint} />}
        <Fact label={t("sdk.algorithm")} value={app.algorithm} />
        <Fact
          label={t("sdk.enforceJti")}
          value={app.enforceJti ? t("common.on") : t("common.off")}
        />
        <Fact
          label={t("sdk.enforceJwe")}
          value={app.enforceJwe ? t("common.on") : t("common.off")}
        />
        <Fact
          label={t("sdk.payload")}
          value={app.enforcePayload ? t("common.on") : t("common.off")}
        />
        <Fact label={t("common.state")} value={<AppState app={app} />} />
        <Fact label={t("sdk.columnLastUsed")} value={when(app.lastUsedAt)} />
      </dl>
      {app.enforceJwe && <PlatformKey label={t("sdk.platformKey")} />}
      {app.secretEndsAt && (
        <Group gap="sm">
          <Text c="dimmed">
            {t(hasSecret(app) ? "sdk.secretEnds" : "sdk.keyEnds", { time: when(app.secretEndsAt) })}
          </Text>
          {mayShow && (
            <Button size="compact-sm" variant="default" onClick={() => act({ kind: "end", app })}>
              {t("sdk.endNow")}
            </Button>
          )}
        </Group>
      )}
      {!mayChange && <Text c="dimmed">{t("sdk.viewOnly")}</Text>}
      <Group gap="xs" display={mayChange ? undefined : "none"}>
        {linked ? (
          <Button variant="default" onClick={() => setUnlinking(true)}>
            {t("sdk.unlink")}
          </Button>
        ) : (
          <Button onClick={() => void link()}>{t("sdk.link")}</Button>
        )}
        <Button
          renderRoot={(props) => (
            <Link {...props} to="/tools/jwt" search={{ appId: app.clientId }} />
          )}
          variant="default"
          onClick={() =>
            hand({
              algorithm: ALGORITHMS.find((name) => name === app.algorithm),
              jwe: app.enforceJwe,
              botId: agent.botId,
            })
          }
        >
          {t("sdk.generate")}
        </Button>
        <Button variant="default" onClick={() => act({ kind: "agents", app })}>
          {t("linkedAgents.open")}
        </Button>
        <Button variant="default" onClick={() => act({ kind: "edit", app })}>
          {t("sdk.edit")}
        </Button>
        {mayShow && (
          <Button variant="default" onClick={() => act({ kind: "rotate", app })}>
            {t(hasSecret(app) ? "sdk.rotate" : "sdk.replaceKey")}
          </Button>
        )}
        {app.state === "enabled" ? (
          <Button variant="default" onClick={() => void setAppState(app, "disabled")}>
            {t("sdk.disable")}
          </Button>
        ) : (
          <Button variant="default" onClick={() => void setAppState(app, "enabled")}>
            {t("sdk.enable")}
          </Button>
        )}
        <Button
          variant="default"
          c="var(--mantine-color-error)"
          onClick={() => act({ kind: "delete", app })}
        >
          {t("sdk.delete")}
        </Button>
      </Group>
      {unlinking && (
        <Modal
          opened
          onClose={() => setUnlinking(false)}
          title={t("sdk.unlinkTitle")}
          closeButtonProps={{ "aria-label": t("common.close") }}
        >
          <Stack>
            <Text>{t("sdk.unlinkText", { name: app.name })}</Text>
            <Group justify="flex-end">
              <Button variant="default" data-autofocus onClick={() => setUnlinking(false)}>
                {t("common.cancel")}
              </Button>
              <Button color="red.9" c="white" onClick={() => void unlink()}>
                {t("sdk.unlink")}
              </Button>
            </Group>
          </Stack>
        </Modal>
      )}
    </Stack>
  );
}
