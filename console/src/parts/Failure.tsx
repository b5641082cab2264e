import { Alert, Anchor, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import { ApiError } from "../api/client";
import { t } from "../strings";
import { Copy } from "./Copy";

/** What to say about an error. */
export function words(error: unknown): string {
  if (error instanceof ApiError) {
    if (error.status === 0) return t("common.unreachable");
    if (error.status === 429) return t("common.rateLimit", { seconds: error.retryAfter ?? 60 });
    if (error.message) return error.message;
    if (error.status === 403) return t("common.forbidden");
    if (error.status === 404) return t("common.notFoundText");
  }
  return error instanceof Error && error.message ? error.message : t("common.failed");
}

/** An error in the region that failed. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const id = error instanceof ApiError ? error.requestId : undefined;
  return (
    <Alert color="red" icon={<IconAlertCircle aria-hidden />} title={t("common.failed")} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text>{words(error)}</Text>
        {id && (
          <Group gap={4}>
            <Text size="xs" className="mono">
              {t("common.requestId", { id })}
            </Text>
            <Copy value={id} name={t("common.requestId", { id: "" })} />
          </Group>
        )}
        {retry && (
          <Button variant="default" onClick={retry}>
            {t("common.tryAgain")}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** Shows what a query brought, or that it is on its way, or why it failed. */
export function Loaded<T>({
  query,
  rows = 4,
  children,
}: {
  query: UseQueryResult<T, Error>;
  rows?: number;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  return (
    <Stack gap="sm" aria-busy="true">
      {Array.from({ length: rows }, (_, i) => (
        <Skeleton key={i} height={20} width={`${92 - i * 9}%`} />
      ))}
    </Stack>
  );
}

export function NotFound() {
  return (
    <div className="gate">
      <main>
        <NothingHere />
      </main>
    </div>
  );
}

/** The same inside the frame of the pages. */
export function NothingHere() {
  useEffect(() => {
    document.title = [t("common.notFound"), t("common.product")].join(" · ");
  }, []);
  return (
    <Stack>
      <Title order={1}>{t("common.notFound")}</Title>
      <Text c="dimmed">{t("common.notFoundText")}</Text>
      <Anchor component={Link} to="/builder">
        {t("common.backToAgents")}
      </Anchor>
    </Stack>
  );
}

/** A page that could not be loaded at all. */
export function LoadFailed({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <div className="gate">
      <main>
        <Title order={1} mb="md">
          {t("common.product")}
        </Title>
        <Failure error={error} retry={() => void router.invalidate()} />
      </main>
    </div>
  );
}
