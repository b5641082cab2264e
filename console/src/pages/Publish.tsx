import { Alert, Button, Checkbox, Group, List, Stack, Text, Textarea, Title } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { api, take } from "../api/client";
import { agentQuery, client, mappingsQuery, scopesQuery } from "../api/queries";
import type { Job } from "../api/types";
import { Failure, Loaded } from "../parts/Failure";
import { JobLine } from "../parts/JobLine";
import { Need } from "../parts/Need";
import { PageHead } from "../parts/PageHead";
import { useRunning } from "../parts/TrainButton";
import { t } from "../strings";

const parts = [
  { id: "TASKS", label: t("publish.tasks"), text: t("publish.tasksText") },
  { id: "NL", label: t("publish.nl"), text: t("publish.nlText") },
  { id: "CHANNELS", label: t("publish.channels"), text: t("publish.channelsText") },
  { id: "EXTENSIONS", label: t("publish.extensions"), text: t("publish.extensionsText") },
  { id: "SETTINGS", label: t("publish.settings"), text: t("publish.settingsText") },
];
const all = parts.map((part) => part.id);

type Step =
  | { name: "parts" }
  | { name: "comment" }
  | { name: "running"; jobId: string }
  | { name: "done" };

/** Publish in two steps: what, then why. */
export function Publish() {
  const { botId } = useParams({ from: "/signed-in/builder/$botId/deploy/publish" });
  const agent = useQuery(agentQuery(botId));
  const [chosen, setChosen] = useState(all);
  const [comment, setComment] = useState("");
  const [step, setStep] = useState<Step>({ name: "parts" });
  // one that was started before, here or elsewhere
  const running = useRunning(botId, "publish");
  const over = useCallback(
    (job: Job) => {
      void client.invalidateQueries({ queryKey: ["jobs"] });
      for (const key of ["agent", "mappings"]) {
        void client.invalidateQueries({ queryKey: [key, botId] });
      }
      void client.invalidateQueries({ queryKey: ["agents"] });
      if (job.state === "done") setStep({ name: "done" });
    },
    [botId],
  );
  return (
    <>
      <PageHead title={t("publish.title")} purpose={t("publish.purpose")} agent={agent.data?.name} />
      <Need permission="publish">
        <Stack maw={640}>
          {step.name === "parts" && running && <JobLine key={running} jobId={running} onOver={over} />}
          {step.name === "parts" && !running && (
            <Parts
              botId={botId}
              chosen={chosen}
              setChosen={setChosen}
              next={() => setStep({ name: "comment" })}
            />
          )}
          {step.name === "comment" && (
            <Comment
              botId={botId}
              chosen={chosen}
              comment={comment}
              setComment={setComment}
              back={() => setStep({ name: "parts" })}
              started={(jobId) => setStep({ name: "running", jobId })}
            />
          )}
          {step.name === "running" && (
            <>
              <JobLine jobId={step.jobId} onOver={over} />
              <Group>
                <Button variant="default" onClick={() => setStep({ name: "parts" })}>
                  {t("common.back")}
                </Button>
              </Group>
            </>
          )}
          {step.name === "done" && (
            <>
              <Alert
                color="teal"
                role="status"
                icon={<IconCircleCheck aria-hidden />}
                title={t("publish.done", { count: chosen.length })}
              />
              <Group>
                <Button
                  variant="default"
                  onClick={() => {
                    setComment("");
                    setChosen(all);
                    setStep({ name: "parts" });
                  }}
                >
                  {t("publish.again")}
                </Button>
              </Group>
            </>
          )}
        </Stack>
      </Need>
    </>
  );
}

interface PartsProps {
  botId: string;
  chosen: string[];
  setChosen: (chosen: string[]) => void;
  next: () => void;
}

function Parts({ botId, chosen, setChosen, next }: PartsProps) {
  const [error, setError] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setError(chosen.length === 0);
        if (chosen.length > 0) next();
      }}
    >
      <Stack>
        <Checkbox.Group
          label={t("publish.parts")}
          value={chosen}
          onChange={(value) => {
            setChosen(all.filter((id) => value.includes(id)));
            setError(false);
          }}
          error={error ? t("publish.partsMissing") : undefined}
        >
          <Stack gap="sm" mt="xs">
            {parts.map((part) => (
              <Checkbox key={part.id} value={part.id} label={part.label} description={part.text} />
            ))}
          </Stack>
        </Checkbox.Group>
        {chosen.includes("EXTENSIONS") && <ScopeChanges botId={botId} />}
        <Group>
          <Button type="submit">{t("publish.next")}</Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Scope mappings whose draft differs from the published copy. */
function ScopeChanges({ botId }: { botId: string }) {
  const mappings = useQuery(mappingsQuery(botId));
  const scopes = useQuery(scopesQuery);
  const name = (id: string) => scopes.data?.items.find((scope) => scope.id === id)?.name ?? id;
  return (
    <section aria-labelledby="scope-changes" className="card">
      <Title order={2} id="scope-changes" mb="xs">
        {t("publish.scopes")}
      </Title>
      <Loaded query={mappings} rows={2}>
        {({ items }) => {
          const lines = items.flatMap((item) => {
            const added = item.draft.filter((id) => !item.published.includes(id));
            const removed = item.published.filter((id) => !item.draft.includes(id));
            const list = (ids: string[]) => ids.map(name).join(", ");
            return [
              ...(added.length > 0
                ? [t("publish.scopeAdded", { app: item.appName, scopes: list(added) })]
                : []),
              ...(removed.length > 0
                ? [t("publish.scopeRemoved", { app: item.appName, scopes: list(removed) })]
                : []),
            ];
          });
          if (lines.length === 0) return <Text c="dimmed">{t("publish.noScopes")}</Text>;
          return (
            <List size="sm">
              {lines.map((line) => (
                <List.Item key={line}>{line}</List.Item>
              ))}
            </List>
          );
        }}
      </Loaded>
    </section>
  );
}

interface CommentProps {
  botId: string;
  chosen: string[];
  comment: string;
  setComment: (comment: string) => void;
  back: () => void;
  started: (jobId: string) => void;
}

function Comment({ botId, chosen, comment, setComment, back, started }: CommentProps) {
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async () => {
    setMissing(!comment.trim());
    if (!comment.trim() || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const body = {
        comment: comment.trim(),
        // Without a list everything goes.
        ...(chosen.length < all.length ? { components: chosen } : {}),
      };
      const params = { path: { botId } };
      started((await take(api.POST("/agents/{botId}/publish", { params, body }))).jobId);
      void client.invalidateQueries({ queryKey: ["jobs"] });
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const labels = parts.filter((part) => chosen.includes(part.id)).map((part) => part.label);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack>
        <Text>{t("publish.chosen", { parts: labels.join(", ") })}</Text>
        <Textarea
          label={t("publish.comment")}
          description={t("publish.commentHint")}
          required
          autosize
          minRows={3}
          maxLength={1000}
          autoFocus
          value={comment}
          onChange={(event) => {
            setComment(event.currentTarget.value);
            setMissing(false);
          }}
          error={missing ? t("publish.commentMissing") : undefined}
        />
        {error !== undefined && <Failure error={error} />}
        <Group>
          <Button variant="default" onClick={back}>
            {t("common.back")}
          </Button>
          <Button type="submit" loading={busy}>
            {t("publish.confirm")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
