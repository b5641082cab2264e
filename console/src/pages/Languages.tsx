import { Badge, Button, Checkbox, Group, Modal, Select, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, take } from "../api/client";
import { agentQuery } from "../api/queries";
import { changed, languagesQuery, type AgentLanguage } from "../api/train";
import { Ask } from "../parts/Ask";
import { Failure, Loaded } from "../parts/Failure";
import { Need, useMay } from "../parts/Need";
import { failed, succeeded } from "../parts/notify";
import { PageHead } from "../parts/PageHead";
import { Rows } from "../parts/Rows";
import { State } from "../parts/State";
import { t } from "../strings";

/** The languages of an agent. */
export function Languages() {
  const { botId } = useParams({ from: "/signed-in/builder/$botId/settings/languages" });
  const agent = useQuery(agentQuery(botId));
  const languages = useQuery(languagesQuery(botId));
  const may = useMay("agents");
  const [adding, setAdding] = useState(false);
  const [making, setMaking] = useState<AgentLanguage>();
  const enable = async (one: AgentLanguage) => {
    try {
      const params = { path: { botId, code: one.code } };
      await take(api.PUT("/agents/{botId}/languages/{code}", { params, body: { enabled: !one.enabled } }));
      await changed(botId);
      succeeded(t(one.enabled ? "languages.nowOff" : "languages.nowOn", { name: one.name }));
    } catch (error) {
      failed(error);
    }
  };
  return (
    <>
      <PageHead
        title={t("languages.title")}
        purpose={t("languages.purpose")}
        agent={agent.data?.name}
        actions={may && <Button onClick={() => setAdding(true)}>{t("languages.add")}</Button>}
      />
      <Need permission="view">
        <Loaded query={languages}>
          {({ items, known }) => (
            <>
              <Rows label={t("languages.title")} minWidth={820}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t("train.language")}</Table.Th>
                    <Table.Th>{t("common.state")}</Table.Th>
                    <Table.Th>{t("languages.content")}</Table.Th>
                    {may && <Table.Th>{t("common.actions")}</Table.Th>}
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {items.map((one) => (
                    <Table.Tr key={one.code}>
                      <Table.Td>
                        <Group gap="xs">
                          <Text fw={500} size="sm">
                            {one.name || one.code}
                          </Text>
                          <Text c="dimmed" size="xs">
                            {one.code}
                          </Text>
                          {one.default && (
                            <Badge color="gray" c="var(--mantine-color-text)">
                              {t("languages.default")}
                            </Badge>
                          )}
                        </Group>
                      </Table.Td>
                      <Table.Td>
                        <Group gap={6}>
                          {one.enabled ? (
                            <State kind="good" word={t("sdk.enabled")} />
                          ) : (
                            <State kind="paused" word={t("sdk.disabled")} />
                          )}
                          {one.enabled && !one.published && <State kind="waiting" word={t("scopes.notPublished")} />}
                        </Group>
                      </Table.Td>
                      <Table.Td className="number">
                        {t("languages.counts", {
                          utterances: one.utterances,
                          faqs: one.faqs,
                          talks: one.smallTalk,
                        })}
                      </Table.Td>
                      {may && (
                        <Table.Td>
                          {!one.default && (
                            <Group gap="xs" wrap="nowrap">
                              <Button
                                size="compact-sm"
                                variant="default"
                                aria-label={t(one.enabled ? "languages.disable" : "languages.enable", { name: one.name })}
                                onClick={() => void enable(one)}
                              >
                                {t(one.enabled ? "sdk.disable" : "sdk.enable")}
                              </Button>
                              {one.enabled && one.published && (
                                <Button
                                  size="compact-sm"
                                  variant="default"
                                  aria-label={t("languages.makeNamed", { name: one.name })}
                                  onClick={() => setMaking(one)}
                                >
                                  {t("languages.make")}
                                </Button>
                              )}
                            </Group>
                          )}
                        </Table.Td>
                      )}
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Rows>
              {adding && (
                <Add
                  botId={botId}
                  items={items}
                  known={known.filter((one) => !items.some((have) => have.code === one.code))}
                  close={() => setAdding(false)}
                />
              )}
            </>
          )}
        </Loaded>
      </Need>
      {making && (
        <Ask
          title={t("languages.makeTitle")}
          button={t("languages.make")}
          close={() => setMaking(undefined)}
          act={async () => {
            const params = { path: { botId, code: making.code } };
            await take(api.POST("/agents/{botId}/languages/{code}/default", { params }));
            await changed(botId);
            succeeded(t("languages.made", { name: making.name }));
          }}
        >
          <Text>{t("languages.makeText", { name: making.name })}</Text>
        </Ask>
      )}
    </>
  );
}

interface AddProps {
  botId: string;
  items: AgentLanguage[];
  known: { code: string; name: string }[];
  close: () => void;
}

function Add({ botId, items, known, close }: AddProps) {
  const [code, setCode] = useState<string | null>(null);
  const [base, setBase] = useState(items[0]?.code ?? "");
  const [copy, setCopy] = useState(true);
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const save = async () => {
    setMissing(!code);
    if (!code || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const body = { code, ...(copy ? { base } : {}) };
      await take(api.POST("/agents/{botId}/languages", { params: { path: { botId } }, body }));
      await changed(botId);
      succeeded(t("languages.added", { name: known.find((one) => one.code === code)?.name ?? code }));
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
      title={t("languages.add")}
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
          <Select
            data-autofocus
            label={t("train.language")}
            required
            searchable
            openOnFocus={false}
            value={code}
            onChange={setCode}
            error={missing ? t("languages.missing") : undefined}
            data={known.map((one) => ({ value: one.code, label: `${one.name} (${one.code})` }))}
            comboboxProps={{ zIndex: 400 }}
          />
          <Checkbox
            label={t("languages.copy")}
            description={t("languages.copyHint")}
            checked={copy}
            onChange={(event) => setCopy(event.currentTarget.checked)}
          />
          {copy && (
            <Select
              label={t("languages.base")}
              allowDeselect={false}
              value={base}
              onChange={(next) => next && setBase(next)}
              data={items.map((one) => ({ value: one.code, label: one.name || one.code }))}
              comboboxProps={{ zIndex: 400 }}
            />
          )}
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {t("languages.add")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
