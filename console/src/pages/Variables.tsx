import { Button, Checkbox, Group, Modal, Select, Stack, Tabs, Text, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { api, ApiError, take } from "../api/client";
import { agentQuery } from "../api/queries";
import { changed, variablesQuery, type Variable } from "../api/train";
import { EditableList } from "../parts/EditableList";
import { Failure, Loaded } from "../parts/Failure";
import { LanguageSelect } from "../parts/LanguageSelect";
import { Need, useMay } from "../parts/Need";
import { succeeded } from "../parts/notify";
import { PageHead } from "../parts/PageHead";
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
  const [editing, setEditing] = useState<Variable | "new">();
  const shown = (one: Variable) => {
    if (one.secured) return t("variables.set");
    if (kind === "env") return one.value;
    return Object.entries(one.values)
      .map(([code, value]) => `${code}: ${value}`)
      .join(" · ");
  };
  const remove = async (gone: Variable[]) => {
    for (const one of gone) {
      const params = { path: { botId, kind, key: one.key } };
      await take(api.DELETE("/agents/{botId}/variables/{kind}/{key}", { params }));
      await changed(botId);
      succeeded(t("variables.removed", { key: one.key }), true);
    }
  };
  return (
    <>
      <EditableList
        items={items}
        id={(one) => one.key}
        words={(one) => `${one.key} ${one.group} ${one.hint}`}
        label={t(kind === "env" ? "variables.env" : "variables.content")}
        search={t("variables.search")}
        empty={t("variables.empty")}
        minWidth={640}
        may={may}
        create={may && <Button onClick={() => setEditing("new")}>{t("variables.add")}</Button>}
        columns={[
          { head: t("variables.name"), className: "mono", cell: (one) => one.key },
          {
            head: t("variables.value"),
            cell: (one) => (
              <Text size="xs" lineClamp={2}>
                {shown(one)}
              </Text>
            ),
          },
          { head: t("variables.group"), cell: (one) => one.group },
          { head: t("variables.notes"), cell: (one) => one.hint },
        ]}
        edit={{ label: (one) => t("variables.edit", { key: one.key }), act: setEditing }}
        remove={{
          label: (one) => t("variables.remove", { key: one.key }),
          title: t("variables.removeTitle"),
          button: t("variables.removeButton"),
          text: ([one]) => one && t("variables.removeText", { key: one.key }),
          act: remove,
        }}
      />
      {editing && (
        <Form
          botId={botId}
          kind={kind}
          languages={languages}
          variable={editing === "new" ? undefined : editing}
          close={() => setEditing(undefined)}
        />
      )}
    </>
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
