import { ActionIcon, Button, Checkbox, Group, Modal, Select, Stack, Table, Tabs, Text, Textarea, TextInput } from "@mantine/core";
import { IconPencil, IconSearch, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, ApiError, take } from "../api/client";
import { agentQuery } from "../api/queries";
import { changed, variablesQuery, type Variable } from "../api/train";
import { Ask } from "../parts/Ask";
import { Failure, Loaded } from "../parts/Failure";
import { LanguageSelect } from "../parts/LanguageSelect";
import { Need, useMay } from "../parts/Need";
import { succeeded } from "../parts/notify";
import { focusHeading, PageHead } from "../parts/PageHead";
import { usePages } from "../parts/Pages";
import { Rows } from "../parts/Rows";
import { t } from "../strings";

/** Environment and content variables, a tab each. */
export function Variables() {
  const { botId, kind } = useParams({ from: "/signed-in/builder/$botId/settings/variables/$kind" });
  const navigate = useNavigate();
  const agent = useQuery(agentQuery(botId));
  const variables = useQuery(variablesQuery(botId));
  const shown = kind === "content" ? "content" : "env";
  return (
    <>
      <PageHead title={t("variables.title")} purpose={t("variables.purpose")} agent={agent.data?.name} />
      <Need permission="view">
        <Tabs
          value={shown}
          keepMounted={false}
          onChange={(tab) =>
            void navigate({
              to: "/builder/$botId/settings/variables/$kind",
              params: { botId, kind: tab === "content" ? "content" : "env" },
            })
          }
        >
          <Tabs.List mb="md">
            <Tabs.Tab value="env">{t("variables.env")}</Tabs.Tab>
            <Tabs.Tab value="content">{t("variables.content")}</Tabs.Tab>
          </Tabs.List>
          {(["env", "content"] as const).map((tab) => (
            <Tabs.Panel key={tab} value={tab}>
              <Loaded query={variables}>
                {(data) => (
                  <List
                    botId={botId}
                    kind={tab === "env" ? "env" : "locale"}
                    languages={data.languages}
                    items={data.items.filter((one) => one.kind === (tab === "env" ? "env" : "locale"))}
                  />
                )}
              </Loaded>
            </Tabs.Panel>
          ))}
        </Tabs>
      </Need>
    </>
  );
}

interface ListProps {
  botId: string;
  kind: "env" | "locale";
  languages: string[];
  items: Variable[];
}

function List({ botId, kind, languages, items }: ListProps) {
  const may = useMay("agents");
  const [typed, setTyped] = useState("");
  const [editing, setEditing] = useState<Variable | "new">();
  const [removing, setRemoving] = useState<Variable>();
  const wanted = typed.trim().toLowerCase();
  const found = items.filter((one) => `${one.key} ${one.group} ${one.hint}`.toLowerCase().includes(wanted));
  const { rows, buttons } = usePages(found, wanted);
  const create = may && <Button onClick={() => setEditing("new")}>{t("variables.add")}</Button>;
  const shown = (one: Variable) => {
    if (one.secured) return t("variables.set");
    if (kind === "env") return one.value;
    return Object.entries(one.values)
      .map(([code, value]) => `${code}: ${value}`)
      .join(" · ");
  };
  return (
    <Stack>
      {items.length === 0 ? (
        <Rows.Empty text={t("variables.empty")}>{create}</Rows.Empty>
      ) : (
        <>
          <Group justify="space-between" align="flex-end">
            <TextInput
              label={t("variables.search")}
              type="search"
              w={320}
              maw="100%"
              leftSection={<IconSearch size={16} aria-hidden />}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
            {create}
          </Group>
          {found.length === 0 ? (
            <Rows.NoResults clear={() => setTyped("")} />
          ) : (
            <Rows label={t(kind === "env" ? "variables.env" : "variables.content")} minWidth={640}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t("variables.name")}</Table.Th>
                  <Table.Th>{t("variables.value")}</Table.Th>
                  <Table.Th>{t("variables.group")}</Table.Th>
                  <Table.Th>{t("variables.notes")}</Table.Th>
                  {may && <Table.Th w={96}>{t("common.actions")}</Table.Th>}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {rows.map((one) => (
                  <Table.Tr key={one.key}>
                    <Table.Td className="mono">{one.key}</Table.Td>
                    <Table.Td>
                      <Text size="xs" lineClamp={2}>
                        {shown(one)}
                      </Text>
                    </Table.Td>
                    <Table.Td>{one.group}</Table.Td>
                    <Table.Td>{one.hint}</Table.Td>
                    {may && (
                      <Table.Td>
                        <Group gap={4} wrap="nowrap">
                          <ActionIcon
                            variant="subtle"
                            color="gray"
                            c="dimmed"
                            aria-label={t("variables.edit", { key: one.key })}
                            onClick={() => setEditing(one)}
                          >
                            <IconPencil size={18} aria-hidden />
                          </ActionIcon>
                          <ActionIcon
                            variant="subtle"
                            color="gray"
                            c="dimmed"
                            aria-label={t("variables.remove", { key: one.key })}
                            onClick={() => setRemoving(one)}
                          >
                            <IconTrash size={18} aria-hidden />
                          </ActionIcon>
                        </Group>
                      </Table.Td>
                    )}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Rows>
          )}
          {buttons}
        </>
      )}
      {editing && (
        <Form
          botId={botId}
          kind={kind}
          languages={languages}
          variable={editing === "new" ? undefined : editing}
          close={() => setEditing(undefined)}
        />
      )}
      {removing && (
        <Ask
          title={t("variables.removeTitle")}
          button={t("variables.removeButton")}
          close={() => setRemoving(undefined)}
          act={async () => {
            const params = { path: { botId, kind, key: removing.key } };
            await take(api.DELETE("/agents/{botId}/variables/{kind}/{key}", { params }));
            await changed(botId);
            succeeded(t("variables.removed", { key: removing.key }), true);
            focusHeading();
          }}
        >
          <Text>{t("variables.removeText", { key: removing.key })}</Text>
        </Ask>
      )}
    </Stack>
  );
}

interface FormProps {
  botId: string;
  kind: "env" | "locale";
  languages: string[];
  variable?: Variable;
  close: () => void;
}

function Form({ botId, kind, languages, variable, close }: FormProps) {
  const [key, setKey] = useState(variable?.key ?? "");
  const [language, setLanguage] = useState(languages[0] ?? "en");
  const old = (code: string) => (kind === "env" ? variable?.value : variable?.values[code]) ?? "";
  const [value, setValue] = useState(() => old(languages[0] ?? "en"));
  const [hint, setHint] = useState(variable?.hint ?? "");
  const [group, setGroup] = useState(variable?.group ?? "");
  const [scope, setScope] = useState(variable?.scope || "prePopulated");
  const [secured, setSecured] = useState(variable?.secured ?? false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const wrong = (name: string) => (error instanceof ApiError ? error.field(name) : undefined);
  const save = async () => {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    try {
      // The value of a secured variable is only sent when a new one was typed.
      const sent = variable?.secured && value === "" ? {} : { value };
      const body = { key, language, hint, group, scope, secured, ...sent };
      if (variable) {
        const params = { path: { botId, kind, key: variable.key } };
        await take(api.PUT("/agents/{botId}/variables/{kind}/{key}", { params, body }));
      } else {
        await take(api.POST("/agents/{botId}/variables/{kind}", { params: { path: { botId, kind } }, body }));
      }
      await changed(botId);
      succeeded(t("variables.saved", { key }));
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
      title={variable ? t("variables.editTitle") : t("variables.add")}
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
            label={t("variables.name")}
            description={t("variables.nameHint")}
            required
            maxLength={255}
            readOnly={variable !== undefined}
            value={key}
            error={wrong("key")}
            onChange={(event) => setKey(event.currentTarget.value)}
          />
          {kind === "locale" && (
            <LanguageSelect
              languages={languages}
              value={language}
              change={(code) => {
                setLanguage(code);
                setValue(old(code));
              }}
            />
          )}
          <Textarea
            label={t("variables.value")}
            description={variable?.secured ? t("variables.secretHint") : undefined}
            autosize
            minRows={2}
            maxRows={12}
            autoComplete="off"
            value={value}
            error={wrong("value")}
            onChange={(event) => setValue(event.currentTarget.value)}
          />
          <TextInput
            label={t("variables.notes")}
            maxLength={255}
            value={hint}
            error={wrong("hint")}
            onChange={(event) => setHint(event.currentTarget.value)}
          />
          <TextInput
            label={t("variables.group")}
            maxLength={255}
            value={group}
            onChange={(event) => setGroup(event.currentTarget.value)}
          />
          <Select
            label={t("variables.scope")}
            allowDeselect={false}
            value={scope}
            error={wrong("scope")}
            onChange={(next) => next && setScope(next)}
            data={[
              { value: "prePopulated", label: t("variables.prePopulated") },
              { value: "askOnInstall", label: t("variables.askOnInstall") },
              { value: "hidden", label: t("variables.hidden") },
            ]}
            comboboxProps={{ zIndex: 400 }}
          />
          {kind === "env" && (
            <Checkbox
              label={t("variables.secure")}
              description={t("variables.secureHint")}
              checked={secured}
              onChange={(event) => setSecured(event.currentTarget.checked)}
            />
          )}
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {t("common.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
