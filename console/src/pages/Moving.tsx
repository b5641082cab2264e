import { Alert, Anchor, Button, Checkbox, FileInput, Group, Radio, Stack, Text } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { api, BASE, importInto, take } from "../api/client";
import { agentQuery, client } from "../api/queries";
import { changed } from "../api/train";
import type { Job } from "../api/types";
import { Failure } from "../parts/Failure";
import { listed } from "../parts/files";
import { JobLine } from "../parts/JobLine";
import { Need } from "../parts/Need";
import { PageHead } from "../parts/PageHead";
import { when } from "../parts/time";
import { useLast, useRunning } from "../parts/TrainButton";
import { Views } from "../parts/Views";
import { t, type TextKey } from "../strings";

/** Parts of an agent that can go alone, as the server names them. */
const parts: [string, TextKey][] = [
  ["tasks.botTask", "moving.dialogs"],
  ["tasks.knowledgeGraph", "moving.faqs"],
  ["tasks.smallTalk", "moving.smallTalk"],
  ["nlpData.utterances", "moving.utterances"],
  ["nlpData.patterns", "moving.patterns"],
  ["nlpData.synonyms", "moving.synonyms"],
  ["nlpData.traits", "moving.traits"],
  ["nlpData.nlpSettings", "moving.nlpSettings"],
  ["nlpData.standardResponses", "moving.responses"],
  ["settings.botSettings", "moving.settings"],
  ["settings.botVariables", "moving.variables"],
];

function Tabs({ botId }: { botId: string }) {
  const base = `/builder/${botId}/deploy`;
  return (
    <Views
      label={t("moving.title")}
      items={[
        { to: `${base}/import`, label: t("moving.import") },
        { to: `${base}/export`, label: t("moving.export") },
      ]}
    />
  );
}

function Parts({ chosen, choose, error }: { chosen: string[]; choose: (parts: string[]) => void; error?: string }) {
  return (
    <Checkbox.Group label={t("moving.parts")} value={chosen} onChange={choose} error={error}>
      <div className="two" style={{ marginTop: 8 }}>
        {parts.map(([id, label]) => (
          <Checkbox key={id} value={id} label={t(label)} />
        ))}
      </div>
    </Checkbox.Group>
  );
}

/** Takes a package over into the draft, whole or by parts. */
export function ImportInto() {
  const { botId } = useParams({ from: "/signed-in/builder/$botId/deploy/import" });
  const agent = useQuery(agentQuery(botId));
  const running = useRunning(botId, "import-into");
  const [started, setStarted] = useState<string>();
  const [done, setDone] = useState(false);
  const over = useCallback(
    (job: Job) => {
      void client.invalidateQueries({ queryKey: ["jobs"] });
      void client.invalidateQueries({ queryKey: ["report", botId] });
      void changed(botId);
      if (job.state === "done") {
        setDone(true);
        setStarted(undefined);
      }
    },
    [botId],
  );
  const shown = started ?? running;
  return (
    <>
      <PageHead title={t("moving.title")} purpose={t("moving.importText")} agent={agent.data?.name} />
      <Tabs botId={botId} />
      <Need permission="agents">
        <Stack maw={640}>
          {done && (
            <Alert color="teal" role="status" icon={<IconCircleCheck aria-hidden />} title={t("moving.imported")}>
              {t("moving.importedText")}
            </Alert>
          )}
          {shown && <JobLine key={shown} jobId={shown} onOver={over} />}
          <ImportForm
            botId={botId}
            started={(job) => {
              setDone(false);
              setStarted(job);
              void client.invalidateQueries({ queryKey: ["jobs"] });
            }}
          />
        </Stack>
      </Need>
    </>
  );
}

function ImportForm({ botId, started }: { botId: string; started: (jobId: string) => void }) {
  const [files, setFiles] = useState<File[]>([]);
  const [kind, setKind] = useState("full");
  const [chosen, setChosen] = useState<string[]>([]);
  const [append, setAppend] = useState<string[]>([]);
  const [problem, setProblem] = useState<{ files?: string; parts?: string }>({});
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async () => {
    const found = {
      files: files.length > 0 ? undefined : t("import.missing"),
      parts: kind === "full" || chosen.length > 0 ? undefined : t("moving.needPart"),
    };
    setProblem(found);
    if (found.files || found.parts || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const full = kind === "full";
      started(await importInto(botId, listed(files), full ? [] : chosen, full ? [] : append));
      setFiles([]);
    } catch (reason) {
      setError(reason);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack>
        <Alert color="gray">
          <Group gap="md">
            <Text size="sm">{t("moving.backupText")}</Text>
            <Anchor href={`${BASE}/agents/${encodeURIComponent(botId)}/export`} download size="sm">
              {t("moving.backup")}
            </Anchor>
          </Group>
        </Alert>
        <FileInput
          label={t("moving.files")}
          description={t("moving.filesHint")}
          placeholder={t("import.choose")}
          multiple
          required
          accept=".zip,.json,.js"
          clearable
          clearButtonProps={{ "aria-label": t("import.clear") }}
          value={files}
          onChange={setFiles}
          error={problem.files}
        />
        <Radio.Group label={t("moving.kind")} value={kind} onChange={setKind}>
          <Stack gap="xs" mt={6}>
            <Radio value="full" label={t("moving.full")} description={t("moving.fullHint")} />
            <Radio value="incremental" label={t("moving.incremental")} description={t("moving.incrementalHint")} />
          </Stack>
        </Radio.Group>
        {kind === "incremental" && (
          <>
            <Parts chosen={chosen} choose={setChosen} error={problem.parts} />
            <Checkbox.Group label={t("moving.append")} value={append} onChange={setAppend}>
              <Group mt={8}>
                <Checkbox value="utterances" label={t("moving.utterances")} />
                <Checkbox value="patterns" label={t("moving.patterns")} />
              </Group>
            </Checkbox.Group>
          </>
        )}
        {error !== undefined && <Failure error={error} />}
        <Group>
          <Button type="submit" loading={busy}>
            {t("moving.proceed")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Makes a package of the agent, whole or by parts. */
export function Export() {
  const { botId } = useParams({ from: "/signed-in/builder/$botId/deploy/export" });
  const agent = useQuery(agentQuery(botId));
  const running = useRunning(botId, "export");
  const [copy, setCopy] = useState("draft");
  const [kind, setKind] = useState("full");
  const [chosen, setChosen] = useState<string[]>([]);
  const [missing, setMissing] = useState(false);
  const [started, setStarted] = useState<string>();
  const [ready, setReady] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const over = useCallback((job: Job) => {
    void client.invalidateQueries({ queryKey: ["jobs"] });
    if (job.state !== "done") return;
    setReady(job.id);
    setStarted(undefined);
  }, []);
  const submit = async () => {
    const none = kind !== "full" && chosen.length === 0;
    setMissing(none);
    if (none || busy) return;
    setBusy(true);
    setError(undefined);
    setReady(undefined);
    try {
      const body = { published: copy === "published", parts: kind === "full" ? [] : chosen };
      const params = { path: { botId } };
      setStarted((await take(api.POST("/agents/{botId}/exports", { params, body }))).jobId);
      void client.invalidateQueries({ queryKey: ["jobs"] });
    } catch (reason) {
      setError(reason);
    } finally {
      setBusy(false);
    }
  };
  const shown = started ?? running;
  const last = useLast(botId, "export");
  return (
    <>
      <PageHead title={t("moving.title")} purpose={t("moving.exportText")} agent={agent.data?.name} />
      <Tabs botId={botId} />
      <Need permission="agents">
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <Stack maw={640}>
            {shown && <JobLine key={shown} jobId={shown} onOver={over} />}
            {ready && (
              <Alert color="teal" role="status" icon={<IconCircleCheck aria-hidden />} title={t("moving.ready")}>
                <Anchor href={`${BASE}/agents/${encodeURIComponent(botId)}/exports/${ready}`} download>
                  {t("moving.download")}
                </Anchor>
              </Alert>
            )}
            {!ready && !shown && last && (
              <Text size="sm">
                {t("moving.last", { time: when(last.updatedAt) })}{" "}
                <Anchor href={`${BASE}/agents/${encodeURIComponent(botId)}/exports/${last.id}`} download size="sm">
                  {t("moving.download")}
                </Anchor>
              </Text>
            )}
            <Radio.Group label={t("moving.copy")} value={copy} onChange={setCopy}>
              <Group mt={6}>
                <Radio value="draft" label={t("moving.latest")} />
                <Radio
                  value="published"
                  label={t("chat.published")}
                  disabled={agent.data?.state !== "published"}
                />
              </Group>
            </Radio.Group>
            <Radio.Group label={t("moving.what")} value={kind} onChange={setKind}>
              <Group mt={6}>
                <Radio value="full" label={t("moving.everything")} />
                <Radio value="parts" label={t("moving.some")} />
              </Group>
            </Radio.Group>
            {kind === "parts" && (
              <Parts chosen={chosen} choose={setChosen} error={missing ? t("moving.needPart") : undefined} />
            )}
            {error !== undefined && <Failure error={error} />}
            <Group>
              <Button type="submit" loading={busy}>
                {t("summary.export")}
              </Button>
            </Group>
          </Stack>
        </form>
      </Need>
    </>
  );
}
