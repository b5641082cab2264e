import { ActionIcon, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconPencil, IconSearch, IconTrash } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { App, Scope } from "../api/types";
import { t } from "../strings";
import { Fact } from "./Fact";
import { ScopeGroup } from "./ScopeGroup";
import { Secret } from "./Secret";
import { when } from "./time";

/** The scopes that are ticked in a form, and how they differ from those that were. */
export interface Ticked {
  ids: ReadonlySet<string>;
  set: (ids: ReadonlySet<string>) => void;
  added: number;
  removed: number;
  changed: boolean;
}

/** Begins with the scopes that there are; later ones do not count. */
export function useTicked(before: string[]): Ticked {
  const [initial] = useState(before);
  const [ids, set] = useState<ReadonlySet<string>>(() => new Set(before));
  const added = [...ids].filter((id) => !initial.includes(id)).length;
  const removed = initial.filter((id) => !ids.has(id)).length;
  return { ids, set, added, removed, changed: added + removed > 0 };
}

/** What clients need of the chosen app. */
export function AppFacts({ app }: { app: App }) {
  return (
    <dl className="facts card">
      <Fact label={t("scopes.clientId")} value={app.clientId} copy={app.clientId} />
      {app.mine && app.algorithm.startsWith("HS") && (
        <Fact label={t("scopes.clientSecret")} value={<Secret clientId={app.clientId} />} />
      )}
    </dl>
  );
}

interface FieldsProps {
  scopes: Scope[];
  /** The groups in their order; those of the scopes when missing. */
  groups?: string[];
  ticked: Ticked;
  error?: string;
  /** Is called when somebody ticks. */
  touched: () => void;
}

/** A search field, and the scopes in their groups. */
export function ScopeFields({ scopes, groups, ticked, error, touched }: FieldsProps) {
  const [typed, setTyped] = useState("");
  const wanted = typed.trim().toLowerCase();
  const says = (one: Scope) => `${groups ? "" : one.group} ${one.name} ${one.description ?? ""}`.toLowerCase();
  const found = scopes.filter((one) => !wanted || says(one).includes(wanted));
  return (
    <Stack gap="lg">
      <TextInput
        label={t("scopes.search")}
        type="search"
        maw={360}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {found.length === 0 && <Text>{t("common.noResults")}</Text>}
      {(groups ?? [...new Set(found.map((one) => one.group))]).map((group) => (
        <ScopeGroup
          key={group}
          group={group}
          scopes={found.filter((one) => one.group === group)}
          ticked={ticked.ids}
          change={(next) => {
            ticked.set(next);
            touched();
          }}
        />
      ))}
      {error && (
        <Text c="var(--mantine-color-error)" role="alert">
          {error}
        </Text>
      )}
    </Stack>
  );
}

/** Save and Cancel, and how many scopes are ticked. */
export function ScopeFoot({ ticked, busy, list }: { ticked: Ticked; busy: boolean; list: string }) {
  const { added, removed } = ticked;
  return (
    <div className="sticky-foot">
      <Button type="submit" loading={busy}>
        {t("common.save")}
      </Button>
      <Button component={Link} to={list} variant="default">
        {t("common.cancel")}
      </Button>
      <Text role="status" className="number" size="sm">
        {t("scopes.counter", { count: ticked.ids.size })}
      </Text>
      {ticked.changed && (
        <Text c="dimmed" size="sm">
          {`${t("common.unsaved")}: ${t("scopes.diff", { added, removed })}`}
        </Text>
      )}
    </div>
  );
}

/** When a mapping was last changed, and by whom as far as that is known. */
export function changedBy(item: { changedAt?: number | null; changedBy?: string | null }): string {
  const time = when(item.changedAt);
  return item.changedBy ? t("scopes.changedBy", { time, who: item.changedBy }) : time;
}

interface ActionProps {
  name: string;
  edit: string;
  removeLabel: string;
  remove: () => void;
}

/** The buttons at the end of a mapping's row. */
export function MappingActions({ name, edit, removeLabel, remove }: ActionProps) {
  const look = { variant: "subtle", color: "gray", c: "dimmed" } as const;
  return (
    <Group gap={4} wrap="nowrap">
      <ActionIcon component={Link} to={edit} {...look} aria-label={t("scopes.editNamed", { name })}>
        <IconPencil size={18} aria-hidden />
      </ActionIcon>
      <ActionIcon {...look} aria-label={removeLabel} onClick={remove}>
        <IconTrash size={18} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
