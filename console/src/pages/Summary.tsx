import { Anchor, Button, Group, List, Stack, Title } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { api, BASE, take } from "../api/client";
import { agentQuery, client, reportQuery } from "../api/queries";
import type { Agent, Job } from "../api/types";
import { Fact } from "../parts/Fact";
import { Loaded } from "../parts/Failure";
import { JobLine } from "../parts/JobLine";
import { failed, succeeded } from "../parts/notify";
import { PageHead } from "../parts/PageHead";
import { Report } from "../parts/Report";
import { PublishState, TrainState } from "../parts/State";
import { when, zone } from "../parts/time";
import { t } from "../strings";

/** Overview of one agent: state, content, and what was found when it was imported. */
export function Summary() {
  const { botId } = useParams({ from: "/signed-in/builder/$botId/" });
  const agent = useQuery(agentQuery(botId));
  const report = useQuery(reportQuery(botId));
  const [jobId, setJobId] = useState<string>();
  const [starting, setStarting] = useState(false);
  const over = useCallback(
    (job: Job) => {
      setJobId(undefined);
      void client.invalidateQueries({ queryKey: ["agent", botId] });
      void client.invalidateQueries({ queryKey: ["agents"] });
      if (job.state === "done") succeeded(t("summary.trained"));
      else setJobId(job.id);
    },
    [botId],
  );
  const train = async () => {
    setStarting(true);
    try {
      const params = { path: { botId } };
      setJobId((await take(api.POST("/agents/{botId}/train", { params, body: {} }))).jobId);
      void client.invalidateQueries({ queryKey: ["jobs"] });
    } catch (error) {
      failed(error);
    } finally {
      setStarting(false);
    }
  };
  return (
    <>
      <PageHead
        title={t("summary.title")}
        purpose={t("summary.purpose")}
        agent={agent.data?.name}
        actions={
          <>
            <Button
              component="a"
              href={`${BASE}/agents/${encodeURIComponent(botId)}/export`}
              download
              variant="default"
              leftSection={<IconDownload size={16} aria-hidden />}
              title={t("summary.exportHint")}
            >
              {t("summary.export")}
            </Button>
            <Button variant="default" onClick={() => void train()} loading={starting}>
              {t("summary.train")}
            </Button>
            <Button component={Link} to={`/builder/${botId}/deploy/publish`}>
              {t("summary.publish")}
            </Button>
          </>
        }
      />
      <Stack gap="xl">
        {jobId && <JobLine jobId={jobId} onOver={over} />}
        <Loaded query={agent}>{(data) => <Facts agent={data} />}</Loaded>
        <NextSteps botId={botId} />
        <section aria-labelledby="report-heading">
          <Title order={2} mb="md" id="report-heading">
            {t("report.title")}
          </Title>
          <Loaded query={report}>
            {(data) => (data ? <Report report={data} /> : <>{t("report.none")}</>)}
          </Loaded>
        </section>
      </Stack>
    </>
  );
}

function Facts({ agent }: { agent: Agent }) {
  return (
    <dl className="facts card">
      <Fact label={t("summary.state")} value={<PublishState agent={agent} />} />
      <Fact label={t("summary.training")} value={<TrainState agent={agent} />} />
      <Fact label={t("summary.dialogs")} value={agent.dialogs} />
      <Fact label={t("summary.intents")} value={agent.intents} />
      <Fact label={t("summary.faqs")} value={agent.faqs} />
      <Fact label={t("summary.languages")} value={agent.languages.join(", ")} />
      <Fact label={t("summary.id")} value={agent.botId} copy={agent.botId} />
      <Fact label={t("summary.changed")} value={`${when(agent.updatedAt)} (${zone()})`} />
    </dl>
  );
}

function NextSteps({ botId }: { botId: string }) {
  const base = `/builder/${botId}`;
  const steps = [
    [t("summary.nextSdk"), "/settings/dev-tools/web-mobile-sdk"],
    [t("summary.nextScope"), "/settings/dev-tools/api-scope"],
    [t("summary.nextChat"), "/testing/utterance"],
  ] as const;
  return (
    <section aria-labelledby="next-heading">
      <Title order={2} mb="xs" id="next-heading">
        {t("summary.next")}
      </Title>
      <Group>
        <List spacing={4}>
          {steps.map(([label, path]) => (
            <List.Item key={path}>
              <Anchor component={Link} to={base + path}>
                {label}
              </Anchor>
            </List.Item>
          ))}
        </List>
      </Group>
    </section>
  );
}
