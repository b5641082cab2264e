import { Alert, Group, Progress, Stack, Text } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { client, isOver, jobQuery, jobsQuery } from "../api/queries";
import type { Job } from "../api/types";
import { t, tOr } from "../strings";
import { Failure } from "./Failure";
import { announce } from "./Live";

/** The job's kind in words. */
export const jobKind = (job: Job): string =>
  tOr(`jobs.kinds.${job.kind.replaceAll("-", "_")}`, job.kind);

/** Why a job failed. */
export function jobError(job: Job): string {
  return job.error || job.message || t("common.failed");
}

interface Props {
  jobId: string;
  /** Is called once, when the job is over. */
  onOver?: (job: Job) => void;
}

/** Progress of one job until its end; a failure stays visible. */
export function JobLine({ jobId, onOver }: Props) {
  const query = useQuery(jobQuery(jobId));
  const job = query.data;
  const told = useRef("");
  useEffect(() => {
    if (!job || !isOver(job) || told.current === job.id) return;
    told.current = job.id;
    announce(t("jobs.line", { kind: jobKind(job), state: t(`jobs.${job.state}`) }));
    void client.invalidateQueries({ queryKey: jobsQuery.queryKey });
    onOver?.(job);
  }, [job, onOver]);
  if (query.error && !job) return <Failure error={query.error} />;
  if (job?.state === "failed") {
    return (
      <Alert
        color="red"
        role="alert"
        icon={<IconAlertCircle aria-hidden />}
        title={t("jobs.line", { kind: jobKind(job), state: t("jobs.failed") })}
      >
        <span className="lines">{jobError(job)}</span>
      </Alert>
    );
  }
  if (job?.state === "done") return null;
  const percent = Math.round(job?.percent ?? 0);
  return (
    <Stack gap={6} data-testid="job">
      <Group justify="space-between">
        <Text size="xs">
          {job
            ? t("jobs.line", { kind: jobKind(job), state: job.message || t(`jobs.${job.state}`) })
            : t("common.loading")}
        </Text>
        <Text size="xs" className="number" c="dimmed">
          {t("jobs.percent", { percent })}
        </Text>
      </Group>
      <Progress.Root>
        <Progress.Section
          value={percent}
          animated
          aria-label={job ? jobKind(job) : t("common.loading")}
        />
      </Progress.Root>
    </Stack>
  );
}
