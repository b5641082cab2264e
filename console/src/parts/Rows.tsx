import { Button, Skeleton, Stack, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { t } from "../strings";

interface Props {
  label: string;
  minWidth: number;
  children: ReactNode;
}

/** A table in its own scroll area, reachable by keyboard. */
export function Rows({ label, minWidth, children }: Props) {
  return (
    <Table.ScrollContainer
      minWidth={minWidth}
      type="native"
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <Table aria-label={label} highlightOnHover>
        {children}
      </Table>
    </Table.ScrollContainer>
  );
}

function Empty({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <Stack align="center" gap="md" py={64} px="md" className="card">
      <Text ta="center">{text}</Text>
      {children}
    </Stack>
  );
}

function NoResults({ clear }: { clear: () => void }) {
  return (
    <Empty text={t("common.noResults")}>
      <Button variant="default" onClick={clear}>
        {t("common.clearFilters")}
      </Button>
    </Empty>
  );
}

function Loading() {
  return (
    <Stack gap="sm" aria-busy="true">
      {Array.from({ length: 5 }, (_, i) => (
        <Skeleton key={i} height={40} />
      ))}
    </Stack>
  );
}

Rows.Empty = Empty;
Rows.NoResults = NoResults;
Rows.Loading = Loading;
