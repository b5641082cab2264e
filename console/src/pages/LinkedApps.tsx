import { Alert, Anchor, Button, Checkbox, Group, Modal, Stack, Table, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "../api/client";
import { agentQuery } from "../api/queries";
import { changed, linksQuery, type LinkedApps as Links } from "../api/train";
import { Failure, Loaded } from "../parts/Failure";
import { Need, useMay } from "../parts/Need";
import { failed, succeeded } from "../parts/notify";
import { PageHead } from "../parts/PageHead";
import { Rows } from "../parts/Rows";
import { State } from "../parts/State";
import { when } from "../parts/time";
import { t } from "../strings";

/** The agents that an agent stands for, and the one that stands for it. */
export function LinkedApps() {
  const { botId } = useParams({ from: "/signed-in/builder/$botId/linked-apps" });
  const agent = useQuery(agentQuery(botId));
  const links = useQuery(linksQuery(botId));
  const may = useMay("agents");
  const [dialog, setDialog] = useState<"link" | "manage">();
  const none = links.data?.items.length === 0;
  const change = may && links.data?.parents.length === 0;
  const create = change && <Button onClick={() => setDialog("link")}>{t("links.link")}</Button>;
  return (
    <>
      <PageHead
        title={t("links.title")}
        purpose={t("links.purpose")}
        agent={agent.data?.name}
        actions={
          change &&
          !none && (
            <Group gap="xs">
              <Sync botId={botId} />
              <Button variant="default" onClick={() => setDialog("manage")}>
                {t("links.manage")}
              </Button>
              {create}
            </Group>
          )
        }
      />
      <Need permission="view">
        <Loaded query={links}>
          {(data) => (
            <Stack>
              {data.parents.map((parent) => (
                <Alert key={parent.botId} color="gray">
                  {t("links.childOf")}{" "}
                  <Anchor component={Link} to={`/builder/${parent.botId}/linked-apps`}>
                    {parent.name}
                  </Anchor>
                  . {t("links.childRule")}
                </Alert>
              ))}
              {data.items.length > 0 ? (
                <LinkTable data={data} />
              ) : (
                data.parents.length === 0 && <Rows.Empty text={t("links.empty")}>{create}</Rows.Empty>
              )}
              {dialog && <Choose botId={botId} data={data} mode={dialog} close={() => setDialog(undefined)} />}
            </Stack>
          )}
        </Loaded>
      </Need>
    </>
  );
}

function LinkTable({ data }: { data: Links }) {
  return (
    <Rows label={t("links.title")} minWidth={760}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("links.agent")}</Table.Th>
          <Table.Th>{t("train.language")}</Table.Th>
          <Table.Th>{t("common.state")}</Table.Th>
          <Table.Th>{t("links.madeFor")}</Table.Th>
          <Table.Th>{t("links.updates")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {data.items.map((one) => (
          <Table.Tr key={one.botId}>
            <Table.Td>
              <Anchor component={Link} to={`/builder/${one.botId}`} fw={500} size="sm">
                {one.name}
              </Anchor>
            </Table.Td>
            <Table.Td>{one.language}</Table.Td>
            <Table.Td>
              {one.published ? (
                <State kind="good" word={t("links.published")} />
              ) : (
                <State kind="waiting" word={t("scopes.notPublished")} />
              )}
            </Table.Td>
            <Table.Td>{when(one.configuredAt)}</Table.Td>
            <Table.Td>
              {one.behind ? (
                <State kind="waiting" word={t("links.behind")} />
              ) : (
                <State kind="good" word={t("links.current")} />
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Rows>
  );
}

function Sync({ botId }: { botId: string }) {
  const [busy, setBusy] = useState(false);
  const sync = async () => {
    setBusy(true);
    try {
      await take(api.POST("/agents/{botId}/linked-apps/sync", { params: { path: { botId } } }));
      await changed(botId);
      succeeded(t("links.synced"));
    } catch (error) {
      failed(error);
    }
    setBusy(false);
  };
  return (
    <Button variant="default" loading={busy} onClick={() => void sync()}>
      {t("links.sync")}
    </Button>
  );
}

interface ChooseProps {
  botId: string;
  data: Links;
  /** More agents, or fewer. */
  mode: "link" | "manage";
  close: () => void;
}

function Choose({ botId, data, mode, close }: ChooseProps) {
  const linked = data.items.map((one) => one.botId);
  const [chosen, setChosen] = useState<string[]>(linked);
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const wanted = typed.trim().toLowerCase();
  const offered = data.candidates.filter(
    (one) => linked.includes(one.botId) === (mode === "manage") && one.name.toLowerCase().includes(wanted),
  );
  const save = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const params = { path: { botId }, header: { "if-match": data.tag } };
      await take(api.PUT("/agents/{botId}/linked-apps", { params, body: { linkedApps: chosen } }));
      await changed(botId);
      succeeded(t("links.saved"));
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
      title={t(mode === "link" ? "links.linkTitle" : "links.manage")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <Stack>
        <TextInput
          data-autofocus
          label={t("links.search")}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        {offered.length === 0 && <Text size="sm">{t(wanted ? "common.noResults" : "links.noneLeft")}</Text>}
        <Stack gap="xs" role="group" aria-label={t("links.agents")}>
          {offered.map((one) => (
            <Checkbox
              key={one.botId}
              label={one.name}
              description={one.whyNot && mode === "link" ? t("links.whyNot", { why: one.whyNot }) : undefined}
              disabled={mode === "link" && one.whyNot !== undefined}
              checked={chosen.includes(one.botId)}
              onChange={(event) =>
                setChosen(
                  event.currentTarget.checked
                    ? [...chosen, one.botId]
                    : chosen.filter((botId) => botId !== one.botId),
                )
              }
            />
          ))}
        </Stack>
        {error !== undefined && <Failure error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("common.cancel")}
          </Button>
          <Button loading={busy} onClick={() => void save()}>
            {t("common.save")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
