import { Alert, Anchor, Button, Checkbox, Group, Stack, Table, Tabs, Text, TextInput, Title } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useBlocker, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "../api/client";
import { appQuery, client, dataAppsQuery, dataGrantsQuery } from "../api/queries";
import type { App, DataGrant } from "../api/types";
import { hasSecret, refreshApps, setAppState, type AppAct } from "../parts/appActs";
import { AppDialogs } from "../parts/appDialogs";
import { DataNav } from "../parts/DataNav";
import { Fact } from "../parts/Fact";
import { Failure, Loaded } from "../parts/Failure";
import { Leaving } from "../parts/Leaving";
import { Need, useMay } from "../parts/Need";
import { succeeded } from "../parts/notify";
import { PageHead } from "../parts/PageHead";
import { PlatformKey } from "../parts/PlatformKey";
import { Rows } from "../parts/Rows";
import { Secret } from "../parts/Secret";
import { AppState } from "../parts/State";
import { when } from "../parts/time";
import { t } from "../strings";

const FROM = "/signed-in/builder/data/apps/$clientId";
const onOff = (value: boolean) => (value ? t("common.on") : t("common.off"));

/** One data app: its credentials, and what it may do. */
export function DataApp() {
  const { clientId } = useParams({ from: FROM });
  const app = useQuery(appQuery(clientId));
  return (
    <>
      <DataNav />
      <PageHead title={app.data?.name ?? t("dataApps.one")} purpose={t("dataApps.onePurpose")} />
      <Need permission="view">
        <Stack gap={32}>
          <Loaded query={app}>{(found) => <Credentials app={found} />}</Loaded>
          {app.data && <Permissions app={app.data} />}
        </Stack>
      </Need>
    </>
  );
}

function Credentials({ app }: { app: App }) {
  const [act, setAct] = useState<AppAct>();
  const navigate = useNavigate();
  const apps = useQuery(dataAppsQuery);
  const mayChange = useMay("account");
  const mayShow = mayChange;
  return (
    <Stack>
      <dl className="facts card" aria-label={app.name}>
        <Fact label={t("sdk.clientId")} value={app.clientId} copy={app.clientId} />
        {hasSecret(app) && mayShow && (
          <Fact label={t("sdk.clientSecret")} value={<Secret clientId={app.clientId} />} />
        )}
        {app.publicKeyPrint && <Fact label={t("sdk.keyPrint")} value={app.publicKeyPrint} />}
        <Fact label={t("sdk.algorithm")} value={app.algorithm} />
        <Fact label={t("sdk.enforceJti")} value={onOff(app.enforceJti)} />
        <Fact label={t("sdk.enforceJwe")} value={onOff(app.enforceJwe)} />
        <Fact label={t("common.state")} value={<AppState app={app} />} />
        <Fact label={t("sdk.columnLastUsed")} value={when(app.lastUsedAt)} />
      </dl>
      {app.enforceJwe && <PlatformKey label={t("sdk.platformKey")} />}
      {mayChange && (
        <Group gap="xs">
          <Button variant="default" onClick={() => setAct({ kind: "edit", app })}>
            {t("sdk.edit")}
          </Button>
          {mayShow && (
            <Button variant="default" onClick={() => setAct({ kind: "rotate", app })}>
              {t(hasSecret(app) ? "sdk.rotate" : "sdk.replaceKey")}
            </Button>
          )}
          <Button
            variant="default"
            onClick={() => void setAppState(app, app.state === "enabled" ? "disabled" : "enabled")}
          >
            {t(app.state === "enabled" ? "sdk.disable" : "sdk.enable")}
          </Button>
          <Button
            variant="default"
            c="var(--mantine-color-error)"
            onClick={() => setAct({ kind: "delete", app })}
          >
            {t("sdk.delete")}
          </Button>
        </Group>
      )}
      {act && (
        <AppDialogs
          key={act.kind}
          act={act}
          others={apps.data?.items.map((other) => other.name) ?? []}
          close={() => setAct(undefined)}
          deleted={() => void navigate({ to: "/builder/data/apps" })}
        />
      )}
    </Stack>
  );
}

type Kind = DataGrant["kind"];
type Flag = "read" | "write" | "delete";
const FLAGS: readonly Flag[] = ["read", "write", "delete"];
const FLAG_WORDS = { read: "dataApps.read", write: "dataApps.write", delete: "dataApps.delete" } as const;

interface Row extends Record<Flag, boolean> {
  kind: Kind;
  name: string;
}

const DEFINITIONS: Row = { kind: "definitions", name: "", read: false, write: false, delete: false };
const keyOf = (row: Pick<Row, "kind" | "name">): string => `${row.kind}:${row.name.toLowerCase()}`;
const same = (a: Row | undefined, b: Row): boolean => FLAGS.every((flag) => (a?.[flag] ?? false) === b[flag]);

function Permissions({ app }: { app: App }) {
  const query = useQuery(dataGrantsQuery(app.clientId));
  return (
    <Stack component="section">
      <Title order={2}>{t("dataApps.permissions")}</Title>
      <Text c="dimmed">{t("dataApps.permissionsText")}</Text>
      <Loaded query={query}>
        {/* A fresh form for each state of the server's. */}
        {({ items }) => <Matrix key={JSON.stringify(items)} app={app} items={items as Row[]} />}
      </Loaded>
    </Stack>
  );
}

function Matrix({ app, items }: { app: App; items: Row[] }) {
  const before = new Map(items.map((row) => [keyOf(row), row]));
  const [rows, setRows] = useState<Row[]>(() => [
    ...items.filter((row) => row.kind !== "definitions"),
    { ...DEFINITIONS, ...before.get(keyOf(DEFINITIONS)) },
  ]);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const may = useMay("account");
  const changed = rows.filter((row) => !same(before.get(keyOf(row)), row));
  const { proceed, reset, status } = useBlocker({
    shouldBlockFn: () => changed.length > 0,
    enableBeforeUnload: () => changed.length > 0,
    withResolver: true,
  });
  const set = (row: Row, part: Partial<Row>) =>
    setRows((all) => all.map((one) => (keyOf(one) === keyOf(row) ? { ...one, ...part } : one)));
  const save = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const sent = changed.map(({ kind, name, read, write, delete: gone }) => ({ kind, name, read, write, delete: gone }));
      const params = { path: { clientId: app.clientId } };
      const body = { items: sent };
      const answer = await take(api.PUT("/apps/{clientId}/data-grants", { params, body }));
      client.setQueryData(dataGrantsQuery(app.clientId).queryKey, answer);
      void refreshApps();
      succeeded(t("dataApps.saved", { count: sent.length, name: app.name }));
    } catch (reason) {
      setError(reason);
    } finally {
      setBusy(false);
    }
  };
  const definitions = rows.find((row) => row.kind === "definitions") ?? DEFINITIONS;
  return (
    <Stack>
      <Tabs defaultValue="table" keepMounted={false}>
        <Tabs.List aria-label={t("dataApps.permissions")}>
          <Tabs.Tab value="table">{t("dataApps.tables")}</Tabs.Tab>
          <Tabs.Tab value="view">{t("dataApps.views")}</Tabs.Tab>
          <Tabs.Tab value="definitions">{t("dataApps.definitions")}</Tabs.Tab>
        </Tabs.List>
        {(["table", "view"] as const).map((kind) => (
          <Tabs.Panel key={kind} value={kind} pt="md">
            <KindRows
              kind={kind}
              rows={rows.filter((row) => row.kind === kind)}
              isChanged={(row) => changed.includes(row)}
              set={set}
              add={(name) =>
                setRows((all) => [...all, { kind, name, read: false, write: false, delete: false }])
              }
              may={may}
            />
          </Tabs.Panel>
        ))}
        <Tabs.Panel value="definitions" pt="md">
          <Stack>
            <Text size="sm">{t("dataApps.definitionsText")}</Text>
            <Checkbox
              label={t("dataApps.export")}
              checked={definitions.read}
              disabled={!may}
              onChange={(event) => set(definitions, { read: event.currentTarget.checked })}
            />
            <Checkbox
              label={t("dataApps.import")}
              checked={definitions.write}
              disabled={!may}
              onChange={(event) => set(definitions, { write: event.currentTarget.checked })}
            />
          </Stack>
        </Tabs.Panel>
      </Tabs>
      {error !== undefined && <Failure error={error} />}
      {may && (
        <Group>
          <Button loading={busy} disabled={changed.length === 0} onClick={() => void save()}>
            {t("common.save")}
          </Button>
          {changed.length > 0 && (
            <Text size="sm" role="status">
              {t("dataApps.unsaved", { count: changed.length })}
            </Text>
          )}
        </Group>
      )}
      <Text size="sm" c="dimmed">
        {t("dataApps.uses")}
      </Text>
      <Anchor component={Link} to="/builder/data/apps" size="sm">
        {t("dataApps.all")}
      </Anchor>
      {status === "blocked" && <Leaving stay={reset} discard={proceed} />}
    </Stack>
  );
}

interface KindProps {
  kind: "table" | "view";
  rows: Row[];
  isChanged: (row: Row) => boolean;
  set: (row: Row, part: Partial<Row>) => void;
  add: (name: string) => void;
  may: boolean;
}

function KindRows({ kind, rows, isChanged, set, add, may }: KindProps) {
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string>();
  const [wanted, setWanted] = useState("");
  const shown = rows.filter((row) => row.name.toLowerCase().includes(wanted.trim().toLowerCase()));
  const submit = () => {
    const typed = name.trim();
    const taken = rows.some((row) => row.name.toLowerCase() === typed.toLowerCase());
    const wrong = !typed
      ? t("common.required")
      : [...typed].length > 64 || /\p{Cc}/u.test(typed)
        ? t("dataApps.nameForm")
        : taken
          ? t("dataApps.nameTaken")
          : undefined;
    setProblem(wrong);
    if (wrong) return;
    add(typed);
    setName("");
  };
  const lacking = rows.filter((row) => (row.write || row.delete) && !row.read);
  return (
    <Stack>
      {may && (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <Group align="flex-start">
            <TextInput
              label={t(kind === "table" ? "dataApps.tableName" : "dataApps.viewName")}
              w={320}
              maw="100%"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={problem}
            />
            <Button type="submit" variant="default" mt={25}>
              {t("dataApps.addRow")}
            </Button>
          </Group>
        </form>
      )}
      {rows.length > 5 && (
        <TextInput
          label={t("dataApps.search")}
          w={320}
          maw="100%"
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
      )}
      {rows.length === 0 ? (
        <Rows.Empty text={t(kind === "table" ? "dataApps.noTables" : "dataApps.noViews")} />
      ) : shown.length === 0 ? (
        <Rows.NoResults clear={() => setWanted("")} />
      ) : (
        <Rows label={t(kind === "table" ? "dataApps.tables" : "dataApps.views")} minWidth={520}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("common.name")}</Table.Th>
              {FLAGS.map((flag) => (
                <Table.Th key={flag}>
                  <Checkbox
                    label={t(FLAG_WORDS[flag])}
                    aria-label={t("dataApps.allOf", { flag: t(FLAG_WORDS[flag]) })}
                    disabled={!may}
                    checked={shown.every((row) => row[flag])}
                    indeterminate={shown.some((row) => row[flag]) && !shown.every((row) => row[flag])}
                    onChange={(event) => {
                      const on = event.currentTarget.checked;
                      shown.forEach((row) => set(row, { [flag]: on }));
                    }}
                  />
                </Table.Th>
              ))}
              <Table.Th>{t("common.state")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((row) => (
              <Table.Tr key={keyOf(row)}>
                <Table.Td fw={500}>{row.name}</Table.Td>
                {FLAGS.map((flag) => (
                  <Table.Td key={flag}>
                    <Checkbox
                      aria-label={t(kind === "table" ? "dataApps.cellTable" : "dataApps.cellView", {
                        flag: t(FLAG_WORDS[flag]),
                        name: row.name,
                      })}
                      disabled={!may}
                      checked={row[flag]}
                      onChange={(event) => set(row, { [flag]: event.currentTarget.checked })}
                    />
                  </Table.Td>
                ))}
                <Table.Td>{isChanged(row) ? t("dataApps.changed") : ""}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Rows>
      )}
      {lacking.length > 0 && (
        <Alert color="orange" icon={<IconInfoCircle aria-hidden />} title={t("dataApps.needRead")}>
          <Button variant="default" onClick={() => lacking.forEach((row) => set(row, { read: true }))}>
            {t("dataApps.addRead")}
          </Button>
        </Alert>
      )}
      {kind === "view" && (
        <Text size="sm" c="dimmed">
          {t("dataApps.viewNote")}
        </Text>
      )}
    </Stack>
  );
}

