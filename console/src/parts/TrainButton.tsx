import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
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
      await take(api.POST("/agents/{botId}/train", { params: { path: { botId } }, body: {} }));
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

/** Progress of the training that runs, if any. */
export function TrainProgress({ botId }: { botId: string }) {
  const running = useRunning(botId, "train");
  const [shown, setShown] = useState<string>();
  const over = useCallback(
    (job: Job) => {
      void client.invalidateQueries({ queryKey: ["jobs"] });
      void changed(botId);
      if (job.state === "done") {
        succeeded(t("summary.trained"));
        setShown(undefined);
      } else setShown(job.id);
    },
    [botId],
  );
  const id = running ?? shown;
  return id ? <JobLine key={id} jobId={id} onOver={over} /> : null;
}
