import { Badge } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconClock,
  IconPlayerPause,
} from "@tabler/icons-react";
import type { Agent, App, Mapping } from "../api/types";
import { t } from "../strings";

const kinds = {
  good: { color: "teal", icon: IconCircleCheck },
  waiting: { color: "yellow", icon: IconClock },
  warn: { color: "orange", icon: IconAlertTriangle },
  none: { color: "gray", icon: IconCircleDashed },
  paused: { color: "gray", icon: IconPlayerPause },
};

/** A state: never colour alone, always a word and a sign. */
export function State({ kind, word }: { kind: keyof typeof kinds; word: string }) {
  const { color, icon: Icon } = kinds[kind];
  return (
    <Badge color={color} className="state" c="var(--mantine-color-text)" leftSection={<Icon size={14} aria-hidden />}>
      {word}
    </Badge>
  );
}

export const PublishState = ({ agent }: { agent: Agent }) =>
  agent.state === "published" ? (
    <State kind="good" word={t("agents.published")} />
  ) : (
    <State kind="none" word={t("agents.draft")} />
  );

export function TrainState({ agent }: { agent: Agent }) {
  if (!agent.trained) return <State kind="none" word={t("agents.untrained")} />;
  if (agent.stale) return <State kind="waiting" word={t("agents.stale")} />;
  return <State kind="good" word={t("agents.trained")} />;
}

export const AppState = ({ app }: { app: App }) =>
  app.state === "disabled" ? (
    <State kind="paused" word={t("sdk.disabled")} />
  ) : (
    <State kind="good" word={t("sdk.enabled")} />
  );

export function MappingState({ mapping }: { mapping: Mapping }) {
  if (mapping.state === "published") return <State kind="good" word={t("scopes.published")} />;
  if (mapping.state === "not_published")
    return <State kind="waiting" word={t("scopes.notPublished")} />;
  return <State kind="warn" word={t("scopes.removalNotPublished")} />;
}
