import { Anchor, Button, Popover, Stack, Text } from "@mantine/core";
import { IconActivity } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { isOver, jobsQuery } from "../api/queries";
import { t } from "../strings";
import { jobError, jobKind } from "./JobLine";
import { when } from "./time";

/** Where the outcome of a job is seen, below its agent. */
const places: Record<string, string> = {
  train: "/training/status",
  quality: "/training/status",
  publish: "/deploy/publish",
  export: "/deploy/export",
  "import-into": "/deploy/import",
  batch_test: "/testing/batch",
  conversation_test: "/testing/conversation",
  conversation_test_import: "/testing/conversation",
  utterance_import: "/training/intents",
  utterance_export: "/training/intents",
  graph_import: "/faqs",
  graph_export: "/faqs",
  extraction: "/faqs",
};

/** The latest long jobs of the account; comes from the server, so it outlives a reload. */
export function JobTray() {
  const { data } = useQuery(jobsQuery);
  const jobs = data?.items ?? [];
  const running = jobs.filter((job) => !isOver(job)).length;
  return (
    <Popover position="bottom-end" width="min(320px, calc(100vw - 24px))" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="subtle"
          color="gray"
          c="dimmed"
          leftSection={<IconActivity size={16} aria-hidden />}
        >
          {running > 0 ? t("shell.jobsRunning", { count: running }) : t("shell.jobs")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t("shell.jobs")} tabIndex={0}>
        {jobs.length === 0 ? (
          <Text c="dimmed">{t("shell.noJobs")}</Text>
        ) : (
          <Stack gap="sm" mah={360} style={{ overflowY: "auto" }}>
            {jobs.map((job) => {
              const line = t("jobs.line", { kind: jobKind(job), state: t(`jobs.${job.state}`) });
              return (
                <div key={job.id}>
                  {job.botId ? (
                    <Anchor component={Link} to={`/builder/${job.botId}${places[job.kind] ?? ""}`} size="sm">
                      {line}
                    </Anchor>
                  ) : (
                    <Text size="sm">{line}</Text>
                  )}
                  <Text size="xs" c="dimmed" className="number">
                    {job.state === "failed"
                      ? jobError(job).split("\n").slice(0, 3).join(" · ")
                      : isOver(job)
                        ? when(job.updatedAt)
                        : t("jobs.percent", { percent: Math.round(job.percent) })}
                  </Text>
                </div>
              );
            })}
          </Stack>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
