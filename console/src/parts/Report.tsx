import { Alert, Badge, Group, List, Stack, Table, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { ImportReport } from "../api/types";
import { t } from "../strings";

const LIMIT = 50;

function More({ of }: { of: number }) {
  return of > LIMIT ? <Text size="xs" c="dimmed">{t("report.more", { count: of - LIMIT })}</Text> : null;
}

function Section({ title, count, children }: { title: string; count: number; children: ReactNode }) {
  return (
    <Stack gap={6}>
      <Group gap="xs">
        <Title order={3}>{title}</Title>
        <Badge color="gray" c="var(--mantine-color-text)" className="number">
          {count}
        </Badge>
      </Group>
      {children}
    </Stack>
  );
}

function Pairs({ rows, heads, label }: { rows: [string, string][]; heads: [string, string]; label: string }) {
  return (
    <Table.ScrollContainer minWidth={320} scrollAreaProps={{ viewportProps: { tabIndex: 0, "aria-label": label, role: "region" } }}>
      <Table aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {heads.map((head) => (
              <Table.Th key={head}>{head}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.slice(0, LIMIT).map(([first, second], i) => (
            <Table.Tr key={i}>
              <Table.Td className="mono">{first}</Table.Td>
              <Table.Td>{second}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <More of={rows.length} />
    </Table.ScrollContainer>
  );
}

/** What an import found: what runs, what is kept, what is broken. */
export function Report({ report }: { report: ImportReport }) {
  const { willRun, kept, broken, secrets, warnings } = report;
  const sum = (list: { count: number }[]) => list.reduce((n, item) => n + item.count, 0);
  const clean = kept.length + broken.length + secrets.length === 0;
  return (
    <Stack gap="lg">
      {clean && (
        <Alert color="teal" icon={<IconCircleCheck aria-hidden />}>
          {t("report.clean")}
        </Alert>
      )}
      <Section title={t("report.willRun")} count={sum(willRun)}>
        <Group gap={6}>
          {willRun.map((item) => (
            <Badge key={item.kind} color="teal" c="var(--mantine-color-text)" className="number">
              {`${item.kind} ${item.count}`}
            </Badge>
          ))}
        </Group>
      </Section>
      {kept.length > 0 && (
        <Section title={t("report.kept")} count={sum(kept)}>
          <Pairs
            label={t("report.kept")}
            heads={[t("report.kind"), t("report.nodes")]}
            rows={kept.map((item) => [`${item.kind} ${item.count}`, item.nodes.join(", ")])}
          />
        </Section>
      )}
      {broken.length > 0 && (
        <Section title={t("report.broken")} count={broken.length}>
          <Pairs
            label={t("report.broken")}
            heads={[t("report.where"), t("report.what")]}
            rows={broken.map((item) => [item.where, item.what])}
          />
        </Section>
      )}
      {secrets.length > 0 && (
        <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} title={t("report.secrets")}>
          <List size="sm">
            {secrets.slice(0, LIMIT).map((item, i) => (
              <List.Item key={i}>
                <span className="mono">{item.where}</span> · {item.kind}
              </List.Item>
            ))}
          </List>
          <More of={secrets.length} />
        </Alert>
      )}
      {warnings.length > 0 && (
        <Section title={t("report.warnings")} count={warnings.length}>
          <List size="sm">
            {warnings.slice(0, LIMIT).map((text, i) => (
              <List.Item key={i}>{text}</List.Item>
            ))}
          </List>
          <More of={warnings.length} />
        </Section>
      )}
    </Stack>
  );
}
