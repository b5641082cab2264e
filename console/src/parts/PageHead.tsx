import { Group, Stack, Text, Title } from "@mantine/core";
import { useEffect, useRef, type ReactNode } from "react";
import { t } from "../strings";
import { announce } from "./Live";

let shown = false;

interface Props {
  title: string;
  purpose?: string;
  agent?: string;
  actions?: ReactNode;
}

/** Heading of a page. On a change of page it takes the focus and is announced. */
export function PageHead({ title, purpose, agent, actions }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (shown) heading.current?.focus({ preventScroll: false });
    shown = true;
    announce(title);
  }, [title]);
  useEffect(() => {
    document.title = [title, agent, t("common.product")].filter(Boolean).join(" · ");
  }, [title, agent]);
  return (
    <Group justify="space-between" align="flex-start" mb="lg" gap="md">
      <Stack gap={4}>
        <Title order={1} ref={heading} tabIndex={-1} id="page-heading">
          {title}
        </Title>
        {purpose && <Text c="dimmed">{purpose}</Text>}
      </Stack>
      {actions && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}

/** Puts the focus on the page's heading, when what had it is gone. */
export function focusHeading(): void {
  window.setTimeout(() => document.getElementById("page-heading")?.focus());
}
