import { Button, Group, Modal, NumberInput, Radio, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, ApiError, take } from "../api/client";
import { agentQuery } from "../api/queries";
import { changed, traitsQuery, type Trait, type TraitType, type TraitTypes } from "../api/train";
import { Ask } from "../parts/Ask";
import { EditableList } from "../parts/EditableList";
import { Loaded } from "../parts/Failure";
import { LanguageSelect } from "../parts/LanguageSelect";
import { Leaving } from "../parts/Leaving";
import { Need, useMay } from "../parts/Need";
import { succeeded } from "../parts/notify";
import { focusHeading, PageHead } from "../parts/PageHead";
import { Rows } from "../parts/Rows";
import { SaveFailure, useTheirs } from "../parts/Stale";
import { TrainButton, TrainProgress } from "../parts/TrainButton";
import { t } from "../strings";

const HERE = "/signed-in/builder/$botId/training/traits";

/** What the page's address says. */
export interface TraitsSearch {
  language?: string;
  type?: string;
}

interface Where {
  botId: string;
  language: string;
}

/** Trait types left, the traits of the chosen one right. */
export function Traits() {
  const { botId } = useParams({ from: HERE });
  const search = useSearch({ from: HERE });
  const navigate = useNavigate();
  const agent = useQuery(agentQuery(botId));
  const types = useQuery(traitsQuery(botId, search.language));
  const may = useMay("agents");
  const [adding, setAdding] = useState(false);
  const go = (next: TraitsSearch) =>
    void navigate({ to: "/builder/$botId/training/traits", params: { botId }, search: { ...search, ...next } });
  const create = (quiet: boolean) =>
    may && (
      <Button {...(quiet ? { variant: "default", size: "compact-sm" } : {})} onClick={() => setAdding(true)}>
        {t("traits.new")}
      </Button>
    );
  return (
    <>
      <PageHead
        title={t("traits.title")}
        purpose={t("traits.purpose")}
        agent={agent.data?.name}
        actions={<TrainButton botId={botId} />}
      />
      <Need permission="view">
        <Stack>
          <TrainProgress botId={botId} />
          <Loaded query={types}>
            {(data) => {
              const chosen = data.items.find((one) => one.name === search.type) ?? data.items[0];
              const where = { botId, language: data.language };
              return (
                <>
                  <LanguageSelect
                    languages={data.languages}
                    value={data.language}
                    change={(language) => go({ language, type: undefined })}
                  />
                  {chosen ? (
                    <div className="split">
                      <Types botId={botId} data={data} chosen={chosen} search={search} create={create(true)} />
                      <Chosen key={chosen.name} where={where} type={chosen} may={may} go={go} />
                    </div>
                  ) : (
                    <Rows.Empty text={t("traits.empty")}>{create(false)}</Rows.Empty>
                  )}
                  {adding && (
                    <TypeForm
                      where={where}
                      close={(name) => {
                        setAdding(false);
                        if (name) go({ type: name });
                      }}
                    />
                  )}
                </>
              );
            }}
          </Loaded>
        </Stack>
      </Need>
    </>
  );
}

interface TypesProps {
  botId: string;
  data: TraitTypes;
  chosen: TraitType;
  search: TraitsSearch;
  create: React.ReactNode;
}

function Types({ botId, data, chosen, search, create }: TypesProps) {
  return (
    <nav aria-label={t("traits.types")}>
      <Group justify="space-between" mb={6}>
        <Text fw={500}>{t("traits.types")}</Text>
        {create}
      </Group>
      <ul className="pick">
        {data.items.map((one) => (
          <li key={one.name}>
            <Link
              className="pick-link"
              to="/builder/$botId/training/traits"
              params={{ botId }}
              search={{ ...search, type: one.name }}
              aria-current={one === chosen ? "true" : undefined}
            >
              <span className="pick-name">
                {one.name}
                <span className="pick-note">{t(one.byPattern ? "traits.byPattern" : "traits.byLearning")}</span>
              </span>
              <span className="number pick-count">
                <span aria-hidden>{one.traits.length}</span>
                <span className="unseen">{t("traits.count", { count: one.traits.length })}</span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** A type as it is sent, with other traits or another head. */
function sent(type: TraitType, traits: { name: string; was?: string; lines: string[] }[]) {
  return { name: type.name, byPattern: type.byPattern, threshold: type.threshold, traits };
}

const kept = (one: Trait) => ({ name: one.name, was: one.name, lines: one.lines });

async function write({ botId, language }: Where, type: TraitType, body: ReturnType<typeof sent>): Promise<void> {
  const params = {
    path: { botId, trait: type.name },
    query: { language },
    header: { "if-match": type.tag },
  };
  await take(api.PUT("/agents/{botId}/training/traits/{trait}", { params, body }));
}

interface ChosenProps {
  where: Where;
  type: TraitType;
  may: boolean;
  go: (next: TraitsSearch) => void;
}

function Chosen({ where, type, may, go }: ChosenProps) {
  const [editing, setEditing] = useState<string>();
  const edited = type.traits.find((one) => one.name === editing);
  const theirs = useTheirs(where.botId, type.tag);
  const [head, setHead] = useState(false);
  const [removing, setRemoving] = useState(false);
  const users = [...new Set(type.traits.flatMap((one) => one.usedBy))];
  const removeTraits = async (gone: Trait[]) => {
    await write(where, type, sent(type, type.traits.filter((one) => !gone.includes(one)).map(kept)));
    await changed(where.botId);
    succeeded(t("traits.removed", { names: gone.map((one) => one.name).join(", ") }), true);
  };
  return (
    <section aria-labelledby="type-heading">
      <Group justify="space-between" align="flex-start" mb="md">
        <div>
          <Title order={2} id="type-heading">
            {type.name}
          </Title>
          <Text c="dimmed" size="sm">
            {type.byPattern ? t("traits.patternText") : t("traits.learningText", { threshold: type.threshold })}
          </Text>
        </div>
        {may && (
          <Group gap="xs">
            <Button variant="default" onClick={() => setHead(true)}>
              {t("traits.editType")}
            </Button>
            <Button variant="default" onClick={() => setRemoving(true)}>
              {t("traits.removeType")}
            </Button>
          </Group>
        )}
      </Group>
      <EditableList
        items={type.traits}
        id={(one) => one.name}
        words={(one) => [one.name, ...one.lines].join(" ")}
        label={t("traits.of", { name: type.name })}
        search={t("traits.search")}
        empty={t("traits.noTraits")}
        minWidth={420}
        may={may}
        within={type.name}
        create={may && <Button onClick={() => setEditing("")}>{t("traits.add")}</Button>}
        columns={[
          {
            head: t("traits.name"),
            width: 160,
            cell: (one) => (
              <>
                <Text fw={500}>{one.name}</Text>
                {one.usedBy.length > 0 && (
                  <Text size="xs" c="dimmed">
                    {t("traits.usedBy", { nodes: one.usedBy.join(", ") })}
                  </Text>
                )}
              </>
            ),
          },
          {
            head: t(type.byPattern ? "traits.patterns" : "traits.lines"),
            cell: (one) => (
              <Text size="sm" lineClamp={2}>
                {one.lines.join(" · ") || t("common.none")}
              </Text>
            ),
          },
          { head: t("traits.number"), width: 64, className: "number", cell: (one) => one.lines.length },
        ]}
        edit={{ label: (one) => t("traits.edit", { name: one.name }), act: (one) => setEditing(one.name) }}
        remove={
          // A type keeps at least one trait: the last one goes with it.
          type.traits.length > 1
            ? {
                label: (one) => t("traits.remove", { name: one.name }),
                title: t("traits.removeTitle"),
                button: t("traits.removeButton"),
                text: ([one]) => one && <Gone names={[one.name]} users={one.usedBy} />,
                act: removeTraits,
              }
            : undefined
        }
      />
      {(editing === "" || edited) && (
        <TraitForm
          key={`trait ${theirs.key}`}
          where={where}
          type={type}
          trait={edited}
          load={theirs.load}
          close={() => setEditing(undefined)}
        />
      )}
      {head && (
        <TypeForm
          key={`type ${theirs.key}`}
          where={where}
          type={type}
          load={theirs.load}
          close={(name) => {
            setHead(false);
            if (name) go({ type: name });
          }}
        />
      )}
      {removing && (
        <Ask
          title={t("traits.removeTypeTitle")}
          button={t("traits.removeButton")}
          close={() => setRemoving(false)}
          act={async () => {
            const params = {
              path: { botId: where.botId, trait: type.name },
              query: { language: where.language },
              header: { "if-match": type.tag },
            };
            await take(api.DELETE("/agents/{botId}/training/traits/{trait}", { params }));
            await changed(where.botId);
            succeeded(t("traits.removedType", { name: type.name }), true);
            go({ type: undefined });
            focusHeading();
          }}
        >
          <Gone names={[type.name, ...type.traits.map((one) => one.name)]} users={users} />
        </Ask>
      )}
    </section>
  );
}

/** What goes, and which nodes of the graph ask for it. */
function Gone({ names, users }: { names: string[]; users: string[] }) {
  return (
    <Stack gap="xs">
      <Text>{t("traits.removeText", { names: names.join(", ") })}</Text>
      {users.length > 0 && <Text>{t("traits.stillAsked", { nodes: users.join(", ") })}</Text>}
    </Stack>
  );
}

interface TypeFormProps {
  where: Where;
  type?: TraitType;
  /** Begins anew with what others wrote. */
  load?: () => Promise<void>;
  close: (name?: string) => void;
}

/** Name, way and threshold of a type; a new one begins with its first trait. */
function TypeForm({ where, type, load, close }: TypeFormProps) {
  const [name, setName] = useState(type?.name ?? "");
  const [byPattern, setByPattern] = useState(type?.byPattern ?? false);
  const [threshold, setThreshold] = useState<number | string>(type?.threshold ?? 0.5);
  const [first, setFirst] = useState("");
  const [lines, setLines] = useState("");
  const { busy, error, wrong, submit, keep } = useSave();
  const save = () =>
    submit(async () => {
      const traits = type ? type.traits.map(kept) : [{ name: first, lines: listOf(lines) }];
      const body = { name, byPattern, threshold: Number(threshold), traits };
      if (type) await write(where, type, body);
      else {
        const params = { path: { botId: where.botId }, query: { language: where.language } };
        await take(api.POST("/agents/{botId}/training/traits", { params, body }));
      }
      await changed(where.botId);
      succeeded(t("traits.saved", { name: name.trim() }));
      close(name.trim());
    });
  return (
    <Modal
      opened
      onClose={() => close()}
      title={type ? t("traits.editType") : t("traits.new")}
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
            label={t("traits.typeName")}
            description={t("traits.nameHint")}
            required
            maxLength={100}
            value={name}
            error={wrong("name")}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Radio.Group
            label={t("traits.way")}
            value={byPattern ? "pattern" : "learning"}
            onChange={(way) => setByPattern(way === "pattern")}
          >
            <Stack gap="xs" mt={6}>
              <Radio value="learning" label={t("traits.byLearning")} description={t("traits.learningHint")} />
              <Radio value="pattern" label={t("traits.byPattern")} description={t("traits.patternHint")} />
            </Stack>
          </Radio.Group>
          {!byPattern && (
            <NumberInput
              label={t("traits.threshold")}
              description={t("traits.thresholdHint")}
              min={0}
              max={1}
              step={0.05}
              decimalScale={2}
              value={threshold}
              error={wrong("threshold")}
              onChange={setThreshold}
            />
          )}
          {!type && (
            <>
              <TextInput
                label={t("traits.first")}
                description={t("traits.nameHint")}
                required
                maxLength={100}
                value={first}
                error={wrong("traits[0].name")}
                onChange={(event) => setFirst(event.currentTarget.value)}
              />
              <LineField byPattern={byPattern} value={lines} change={setLines} error={wrong("traits[0].lines")} />
            </>
          )}
          <Foot error={error} busy={busy} load={load} keep={keep} close={() => close()} />
        </Stack>
      </form>
    </Modal>
  );
}

interface TraitFormProps {
  where: Where;
  type: TraitType;
  trait?: Trait;
  /** Begins anew with what others wrote. */
  load: () => Promise<void>;
  close: () => void;
}

/** A trait with its lines. */
function TraitForm({ where, type, trait, load, close }: TraitFormProps) {
  const [name, setName] = useState(trait?.name ?? "");
  const [lines, setLines] = useState(trait?.lines.join("\n") ?? "");
  const [leaving, setLeaving] = useState(false);
  const at = trait ? type.traits.indexOf(trait) : type.traits.length;
  const { busy, error, wrong, submit, keep } = useSave();
  const touched = name !== (trait?.name ?? "") || lines !== (trait?.lines.join("\n") ?? "");
  const leave = () => (touched ? setLeaving(true) : close());
  const save = () =>
    submit(async () => {
      const own = { name, ...(trait ? { was: trait.name } : {}), lines: listOf(lines) };
      const traits = type.traits.map((one) => (one === trait ? own : kept(one)));
      await write(where, type, sent(type, trait ? traits : [...traits, own]));
      await changed(where.botId);
      succeeded(t("traits.saved", { name: name.trim() }));
      close();
    });
  return (
    <Modal
      opened
      onClose={leave}
      title={trait ? t("traits.editTitle") : t("traits.add")}
      size="lg"
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
            label={t("traits.name")}
            description={t("traits.nameHint")}
            required
            maxLength={100}
            value={name}
            error={wrong(`traits[${at}].name`)}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <LineField byPattern={type.byPattern} value={lines} change={setLines} error={wrong(`traits[${at}].lines`)} />
          <Foot error={error} busy={busy} load={load} keep={keep} close={leave} />
        </Stack>
      </form>
      {leaving && <Leaving zIndex={400} stay={() => setLeaving(false)} discard={close} />}
    </Modal>
  );
}

const listOf = (text: string): string[] => text.split(/\r?\n/).filter((line) => line.trim());

interface LineFieldProps {
  byPattern: boolean;
  value: string;
  change: (text: string) => void;
  error?: string;
}

function LineField({ byPattern, value, change, error }: LineFieldProps) {
  return (
    <Textarea
      className={byPattern ? "mono-field" : undefined}
      label={t(byPattern ? "traits.patterns" : "traits.lines")}
      description={t("traits.linesHint")}
      autosize
      minRows={4}
      maxRows={16}
      value={value}
      error={error}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

interface FootProps {
  error: unknown;
  busy: boolean;
  load?: () => Promise<void>;
  keep: () => void;
  close: () => void;
}

function Foot({ error, busy, load, keep, close }: FootProps) {
  return (
    <>
      <SaveFailure error={error} load={load ?? (() => Promise.resolve())} keep={keep} />
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          {t("common.cancel")}
        </Button>
        <Button type="submit" loading={busy}>
          {t("common.save")}
        </Button>
      </Group>
    </>
  );
}

/** Saving once at a time, and what was wrong with it. */
function useSave() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async (act: () => Promise<void>) => {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    try {
      await act();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  // the server names the first wrong line of a list
  const wrong = (name: string) =>
    error instanceof ApiError
      ? (error.field(name) ?? error.fields.find((one) => one.field.startsWith(`${name}[`))?.message)
      : undefined;
  return { busy, error, wrong, submit, keep: () => setError(undefined) };
}
