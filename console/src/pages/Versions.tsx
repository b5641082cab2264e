import { ActionIcon, Alert, Badge, Button, Checkbox, Group, Modal, Stack, Table, Text, Textarea, TextInput, Title } from "@mantine/core";
import { IconDownload, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, ApiError, BASE, take } from "../api/client";
import { agentQuery, client } from "../api/queries";
import { changed, compareQuery, versionsQuery, type Comparison, type Version } from "../api/train";
import { Ask } from "../parts/Ask";
import { Failure, Loaded } from "../parts/Failure";
import { Need, useMay } from "../parts/Need";
import { succeeded } from "../parts/notify";
import { usePages } from "../parts/Pages";
import { focusHeading, PageHead } from "../parts/PageHead";
import { Rows } from "../parts/Rows";
import { State } from "../parts/State";
import { when } from "../parts/time";
import { t, tOr } from "../strings";

const HERE = "/signed-in/builder/$botId/deploy/versions";

/** Which two are compared: numbers of versions, or `draft`. */
export interface VersionsSearch {
  left?: string;
  right?: string;
}

const nameOf = (one: Version) => one.name || t("versions.numbered", { number: one.number });
const refresh = (botId: string) => client.invalidateQueries({ queryKey: ["versions", botId] });

/** Snapshots of the agent: made by publishing, or by hand. */
export function Versions() {
  const { botId } = useParams({ from: HERE });
  const search = useSearch({ from: HERE });
  const navigate = useNavigate();
  const agent = useQuery(agentQuery(botId));
  const versions = useQuery(versionsQuery(botId));
  const may = useMay("agents");
  const [adding, setAdding] = useState(false);
  const go = (next: VersionsSearch) =>
    void navigate({ to: "/builder/$botId/deploy/versions", params: { botId }, search: next });
  const create = may && <Button onClick={() => setAdding(true)}>{t("versions.new")}</Button>;
  const empty = versions.data?.items.length === 0;
  return (
    <>
      <PageHead
        title={t("versions.title")}
        purpose={t("versions.purpose")}
        agent={agent.data?.name}
        actions={empty ? undefined : create}
      />
      <Need permission="view">
        <Loaded query={versions}>
          {({ items }) =>
            items.length === 0 ? (
              <Rows.Empty text={t("versions.empty")}>{create}</Rows.Empty>
            ) : (
              <Stack gap="lg">
                <List botId={botId} items={items} search={search} go={go} />
                {search.left && search.right && (
                  <Compared botId={botId} left={search.left} right={search.right} items={items} />
                )}
              </Stack>
            )
          }
        </Loaded>
      </Need>
      {adding && <NewVersion botId={botId} close={() => setAdding(false)} />}
    </>
  );
}

interface ListProps {
  botId: string;
  items: Version[];
  search: VersionsSearch;
  go: (next: VersionsSearch) => void;
}

function List({ botId, items, search, go }: ListProps) {
  const may = useMay("agents");
  const [ticked, setTicked] = useState<string[]>(() =>
    [search.left, search.right].filter((one): one is string => one !== undefined),
  );
  const [restoring, setRestoring] = useState<Version>();
  const [removing, setRemoving] = useState<Version>();
  const tick = (id: string, on: boolean) =>
    setTicked(on ? [...ticked, id].slice(-2) : ticked.filter((one) => one !== id));
  // the older one left, the draft always right
  const order = (id: string) => (id === "draft" ? Number.POSITIVE_INFINITY : Number(id));
  const [left, right] = [...ticked].sort((a, b) => order(a) - order(b));
  const box = (id: string, name: string) => (
    <Checkbox
      aria-label={t("versions.pick", { name })}
      checked={ticked.includes(id)}
      onChange={(event) => tick(id, event.currentTarget.checked)}
    />
  );
  return (
    <>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {t("versions.compareHint")}
        </Text>
        <Button variant="default" disabled={ticked.length !== 2} onClick={() => go({ left, right })}>
          {t("versions.compare")}
        </Button>
      </Group>
      <Rows label={t("versions.title")} minWidth={680}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={40}>
              <span className="unseen">{t("versions.compare")}</span>
            </Table.Th>
            <Table.Th>{t("common.name")}</Table.Th>
            <Table.Th>{t("versions.description")}</Table.Th>
            <Table.Th>{t("versions.createdOn")}</Table.Th>
            <Table.Th>{t("common.actions")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          <Table.Tr>
            <Table.Td>{box("draft", t("agents.draft"))}</Table.Td>
            <Table.Td fw={500}>{t("agents.draft")}</Table.Td>
            <Table.Td c="dimmed">{t("versions.draftText")}</Table.Td>
            <Table.Td />
            <Table.Td />
          </Table.Tr>
          {items.map((one) => (
            <Table.Tr key={one.number}>
              <Table.Td>{box(String(one.number), nameOf(one))}</Table.Td>
              <Table.Td>
                <Group gap="xs">
                  <Text size="sm" fw={500}>
                    {nameOf(one)}
                  </Text>
                  {one.inForce && <State kind="good" word={t("versions.inForce")} />}
                  {!one.byHand && (
                    <Badge color="gray" c="var(--mantine-color-text)">
                      {t("versions.ofPublish")}
                    </Badge>
                  )}
                </Group>
              </Table.Td>
              <Table.Td>{one.description}</Table.Td>
              <Table.Td>{when(one.createdAt)}</Table.Td>
              <Table.Td>
                {may && (
                  <Group gap={6} wrap="nowrap">
                    <Button
                      variant="default"
                      size="compact-sm"
                      aria-label={t("versions.restoreNamed", { name: nameOf(one) })}
                      onClick={() => setRestoring(one)}
                    >
                      {t("versions.restore")}
                    </Button>
                    <ActionIcon
                      component="a"
                      variant="subtle"
                      color="gray"
                      c="dimmed"
                      href={`${BASE}/agents/${encodeURIComponent(botId)}/versions/${one.number}/export`}
                      download
                      aria-label={t("versions.exportNamed", { name: nameOf(one) })}
                    >
                      <IconDownload size={18} aria-hidden />
                    </ActionIcon>
                    {one.byHand && !one.inForce && (
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        c="dimmed"
                        aria-label={t("versions.deleteNamed", { name: nameOf(one) })}
                        onClick={() => setRemoving(one)}
                      >
                        <IconTrash size={18} aria-hidden />
                      </ActionIcon>
                    )}
                  </Group>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Rows>
      {restoring && (
        <Ask
          title={t("versions.restoreTitle")}
          button={t("versions.restore")}
          close={() => setRestoring(undefined)}
          act={async () => {
            const params = { path: { botId, number: String(restoring.number) } };
            await take(api.POST("/agents/{botId}/versions/{number}/restore", { params }));
            await refresh(botId);
            await changed(botId);
            succeeded(t("versions.restored", { name: nameOf(restoring) }), true);
          }}
        >
          <Text>{t("versions.restoreText", { name: nameOf(restoring) })}</Text>
        </Ask>
      )}
      {removing && (
        <Ask
          title={t("versions.deleteTitle")}
          button={t("versions.deleteButton")}
          close={() => setRemoving(undefined)}
          act={async () => {
            const params = { path: { botId, number: String(removing.number) } };
            await take(api.DELETE("/agents/{botId}/versions/{number}", { params }));
            setTicked(ticked.filter((id) => id !== String(removing.number)));
            go({});
            await refresh(botId);
            succeeded(t("versions.deleted", { name: nameOf(removing) }), true);
            focusHeading();
          }}
        >
          <Text>{t("versions.deleteText", { name: nameOf(removing) })}</Text>
        </Ask>
      )}
    </>
  );
}

interface ComparedProps {
  botId: string;
  left: string;
  right: string;
  items: Version[];
}

function Compared({ botId, left, right, items }: ComparedProps) {
  const name = (id: string) => {
    const found = items.find((one) => String(one.number) === id);
    return found ? nameOf(found) : t("agents.draft");
  };
  const comparison = useQuery(compareQuery(botId, left, right));
  return (
    <section aria-labelledby="compare-heading">
      <Title order={2} id="compare-heading" mb="sm">
        {t("versions.compared", { left: name(left), right: name(right) })}
      </Title>
      <Loaded query={comparison}>{(data) => <Differences data={data} />}</Loaded>
    </section>
  );
}

const kinds = { added: "good", changed: "waiting", removed: "warn" } as const;

function Differences({ data }: { data: Comparison }) {
  const { rows, buttons } = usePages(data.items, "differences");
  if (data.items.length === 0) return <Alert color="gray">{t("versions.same")}</Alert>;
  return (
    <Stack>
      <Group gap="xs">
        {Object.entries(data.counts).map(([component, count]) => (
          <Badge key={component} color="gray" c="var(--mantine-color-text)" className="number">
            {t("versions.count", {
              component: tOr(`versions.components.${component}`, component),
              added: count.added,
              changed: count.changed,
              removed: count.removed,
            })}
          </Badge>
        ))}
      </Group>
      <Rows label={t("versions.differences")} minWidth={640}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("versions.component")}</Table.Th>
            <Table.Th>{t("common.name")}</Table.Th>
            <Table.Th>{t("versions.what")}</Table.Th>
            <Table.Th>{t("versions.where")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((one, i) => (
            <Table.Tr key={i}>
              <Table.Td>{tOr(`versions.components.${one.component}`, one.component)}</Table.Td>
              <Table.Td>{one.name || one.id}</Table.Td>
              <Table.Td>
                <State kind={kinds[one.kind]} word={t(`versions.${one.kind}`)} />
              </Table.Td>
              <Table.Td className="mono">{one.fields.join(", ")}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Rows>
      {buttons}
      {data.cut && <Text c="dimmed">{t("versions.cut")}</Text>}
    </Stack>
  );
}

function NewVersion({ botId, close }: { botId: string; close: () => void }) {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const wrong = (field: string) => (error instanceof ApiError ? error.field(field) : undefined);
  const save = async () => {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const body = { name: name.trim(), description };
      await take(api.POST("/agents/{botId}/versions", { params: { path: { botId } }, body }));
      await refresh(botId);
      succeeded(t("versions.created", { name: name.trim() }));
      close();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={close}
      title={t("versions.new")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack>
          <TextInput
            data-autofocus
            label={t("versions.name")}
            required
            maxLength={100}
            value={name}
            error={wrong("name")}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Textarea
            label={t("versions.description")}
            maxLength={2000}
            autosize
            minRows={2}
            value={description}
            error={wrong("description")}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {t("versions.make")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
