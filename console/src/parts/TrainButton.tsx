import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { api, take } from "../api/client";
import { agentQuery, client } from "../api/queries";
import { agentJobsQuery, changed } from "../api/train";
import type { Job } from "../api/types";
import { t } from "../strings";
import { JobLine } from "./JobLine";
import { useMay } from "./Need";
import { failed, succeeded } from "./notify";
import { TrainState } from "./State";

/** Whether the agent is trained, and the button that trains it. */
export function TrainButton({ botId }: { botId: string }) {
  const agent = useQuery(agentQuery(botId));
  const running = useRunning(botId, "train");
  const [starting, setStarting] = useState(false);
  const may = useMay("agents");
  const train = async () => {
    setStarting(true);
    try {
      const params = { path: { botId } };
      const { jobId } = await take(api.POST("/agents/{botId}/train", { params, body: {} }));
      client.setQueryData(shownKey(botId, "train"), jobId);
      await client.invalidateQueries({ queryKey: ["jobs"] });
    } catch (error) {
      failed(error);
    } finally {
      setStarting(false);
    }
  };
  return (
    <>
      {agent.data && <TrainState agent={agent.data} />}
      {may && (
        <Button
          variant="default"
          loading={starting}
          disabled={running !== undefined}
          onClick={() => void train()}
        >
          {t("summary.train")}
        </Button>
      )}
    </>
  );
}

/** The id of a job of this kind that waits or runs on the agent: it is found again after a reload. */
export function useRunning(botId: string, kind: string): string | undefined {
  const jobs = useQuery(agentJobsQuery(botId));
  return jobs.data?.items.find(
    (job) => job.kind === kind && (job.state === "queued" || job.state === "running"),
  )?.id;
}

/** The newest job of this kind that ended well, for the files that it made. */
export function useLast(botId: string, kind: string): Job | undefined {
  const jobs = useQuery(agentJobsQuery(botId));
  return jobs.data?.items.find((job) => job.kind === kind && job.state === "done");
}

const shownKey = (botId: string, kind: string) => ["started", botId, kind];

/** The job of this kind that a page shows: one that it started, or found running. It stays until somebody takes it away. */
export function useStarted(botId: string, kind: string, running: string | undefined): string | null {
  const { data: shown } = useQuery<string | null>({
    queryKey: shownKey(botId, kind),
    queryFn: () => null,
    enabled: false,
    initialData: null,
  });
  useEffect(() => {
    if (running) client.setQueryData(shownKey(botId, kind), running);
  }, [botId, kind, running]);
  return shown;
}

/** Progress of the training that runs, if any; a training that is over at once is told too. */
export function TrainProgress({ botId }: { botId: string }) {
  const shown = useStarted(botId, "train", useRunning(botId, "train"));
  const over = useCallback(
    (job: Job) => {
      void client.invalidateQueries({ queryKey: ["jobs"] });
      void changed(botId);
      // One that failed stays, so that its reason can be read.
      if (job.state !== "done") return;
      succeeded(t("summary.trained"));
      client.setQueryData(shownKey(botId, "train"), null);
    },
    [botId],
  );
  return shown ? <JobLine key={shown} jobId={shown} onOver={over} /> : null;
}
