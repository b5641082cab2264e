import { Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { t } from "../strings";

/** Rows of a page. */
export const ROWS = 50;

/** The rows of one page of a list, and the buttons to the others. */
export function usePages<T>(items: T[], key: string): { rows: T[]; buttons: React.ReactNode } {
  const [at, setAt] = useState({ key, page: 0 });
  const last = Math.max(0, Math.ceil(items.length / ROWS) - 1);
  const page = at.key === key ? Math.min(at.page, last) : 0;
  const go = (to: number) => setAt({ key, page: to });
  const buttons =
    last === 0 ? null : (
      <Group gap="sm" justify="flex-end">
        <Text size="xs" c="dimmed" className="number">
          {t("train.page", { page: page + 1, pages: last + 1 })}
        </Text>
        <Button variant="default" size="compact-sm" disabled={page === 0} onClick={() => go(page - 1)}>
          {t("train.before")}
        </Button>
        <Button variant="default" size="compact-sm" disabled={page === last} onClick={() => go(page + 1)}>
          {t("train.after")}
        </Button>
      </Group>
    );
  return { rows: items.slice(page * ROWS, (page + 1) * ROWS), buttons };
}
