import { Alert, Anchor, Button, FileInput, Group, Modal, Radio, Stack, Text, TextInput } from "@mantine/core";
import { IconAlertCircle, IconCircleCheck, IconFolder } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useCallback, useRef, useState, type DragEvent } from "react";
import { importAgent } from "../api/client";
import { client, reportQuery } from "../api/queries";
import type { Job } from "../api/types";
import { t } from "../strings";
import { Failure, Loaded } from "./Failure";
import { dropped, isZip, listed, type Chosen } from "./files";
import { JobLine } from "./JobLine";
import { Report } from "./Report";

interface Props {
  /** Files that were dropped on the page. */
  initial: Chosen[];
  close: () => void;
}

/** Import of an agent: choose files, watch the job, read the report. */
export function ImportDialog({ initial, close }: Props) {
  const [jobId, setJobId] = useState<string>();
  const [job, setJob] = useState<Job>();
  const over = useCallback((finished: Job) => {
    setJob(finished);
    void client.invalidateQueries({ queryKey: ["agents"] });
  }, []);
  const botId = job?.state === "done" ? (job.botId ?? job.result?.botId) : undefined;
  return (
    <Modal
      opened
      onClose={close}
      title={t("import.title")}
      size="lg"
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {!jobId && <Choose initial={initial} close={close} started={setJobId} />}
      {jobId && (
        <Stack>
          <JobLine jobId={jobId} onOver={over} />
          {job?.state === "failed" && (
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {t("common.close")}
              </Button>
              <Button
                onClick={() => {
                  setJob(undefined);
                  setJobId(undefined);
                }}
              >
                {t("common.tryAgain")}
              </Button>
            </Group>
          )}
          {botId && <Finished botId={botId} job={job} close={close} />}
        </Stack>
      )}
    </Modal>
  );
}

function Finished({ botId, job, close }: { botId: string; job?: Job; close: () => void }) {
  const router = useRouter();
  const report = useQuery({ ...reportQuery(botId), enabled: !job?.result?.report });
  return (
    <Stack>
      <Alert color="teal" icon={<IconCircleCheck aria-hidden />} title={t("import.doneTitle")} />
      {job?.result?.report ? (
        <Report report={job.result.report} />
      ) : (
        <Loaded query={report}>{(data) => data && <Report report={data} />}</Loaded>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          {t("common.close")}
        </Button>
        <Button
          data-autofocus
          onClick={() => void router.navigate({ to: `/builder/${botId}` })}
        >
          {t("import.open")}
        </Button>
      </Group>
    </Stack>
  );
}

interface ChooseProps extends Props {
  started: (jobId: string) => void;
}

function Choose({ initial, close, started }: ChooseProps) {
  const [name, setName] = useState("");
  const [kind, setKind] = useState(initial.some((c) => isZip(c.path)) ? "zip" : "json");
  const [whole, setWhole] = useState<Chosen[]>(initial);
  const [single, setSingle] = useState<Record<string, File | null>>({});
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  const take = (chosen: Chosen[]) => {
    if (chosen.length === 0) return;
    setWhole(chosen);
    setKind(chosen.some((c) => isZip(c.path)) ? "zip" : "json");
    setMissing(false);
  };
  const files = (): Chosen[] => {
    if (whole.length > 0) return whole;
    const keys = kind === "zip" ? ["zip"] : ["definition", "config", "script"];
    return listed(keys.map((key) => single[key]).filter((file): file is File => !!file));
  };
  const submit = async () => {
    const chosen = files();
    const needed = whole.length > 0 || !!single[kind === "zip" ? "zip" : "definition"];
    setMissing(!needed);
    if (!needed || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      started(
        await importAgent(
          chosen.map((c) => c.file),
          chosen.map((c) => c.path),
          name.trim() || undefined,
        ),
      );
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const field = (key: string, label: string, accept: string, needed: boolean) => (
    <FileInput
      key={key}
      label={label}
      description={needed ? undefined : t("import.optional")}
      placeholder={t("import.choose")}
      accept={accept}
      required={needed}
      clearable
      clearButtonProps={{ "aria-label": t("import.clear") }}
      value={single[key] ?? null}
      onChange={(file) => {
        setSingle((before) => ({ ...before, [key]: file }));
        setMissing(false);
      }}
      error={needed && missing ? t("import.missing") : undefined}
    />
  );
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack>
        <TextInput
          label={t("import.name")}
          description={t("import.nameHint")}
          value={name}
          maxLength={64}
          data-autofocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Drop chosen={whole} take={take} clear={() => setWhole([])} />
        {whole.length === 0 && (
          <>
            <Radio.Group label={t("import.kind")} value={kind} onChange={setKind}>
              <Group mt={6}>
                <Radio value="json" label={t("import.json")} />
                <Radio value="zip" label={t("import.zip")} />
              </Group>
            </Radio.Group>
            {kind === "zip"
              ? field("zip", t("import.zipFile"), ".zip", true)
              : [
                  field("definition", t("import.definition"), ".json", true),
                  field("config", t("import.config"), ".json", false),
                  field("script", t("import.script"), ".js", false),
                ]}
          </>
        )}
        {missing && (
          <Alert color="red" role="alert" icon={<IconAlertCircle aria-hidden />}>
            {t("import.missing")}
          </Alert>
        )}
        {error !== undefined && <Failure error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={busy}>
            {t("import.create")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface DropProps {
  chosen: Chosen[];
  take: (chosen: Chosen[]) => void;
  clear: () => void;
}

/** Where a folder or zip is dropped; the button beside it does the same without dragging. */
function Drop({ chosen, take, clear }: DropProps) {
  const [over, setOver] = useState(false);
  const folder = useRef<HTMLInputElement>(null);
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    void dropped(event.dataTransfer).then(take);
  };
  return (
    <div
      className="drop"
      data-over={over}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      {chosen.length > 0 ? (
        <Group justify="center" gap="xs">
          <Text span className="number" role="status">
            {chosen.length === 1
              ? chosen[0]?.path
              : t("import.chosen", { count: chosen.length })}
          </Text>
          <Anchor component="button" type="button" onClick={clear}>
            {t("import.clear")}
          </Anchor>
        </Group>
      ) : (
        <Group justify="center" gap="xs">
          <IconFolder size={18} aria-hidden />
          <Text span>{t("import.drop")}</Text>
          <Text span c="dimmed">
            {t("import.dropOr")}
          </Text>
          <Button variant="default" size="compact-sm" onClick={() => folder.current?.click()}>
            {t("import.folder")}
          </Button>
          <input
            ref={folder}
            type="file"
            hidden
            multiple
            data-testid="folder"
            {...{ webkitdirectory: "" }}
            onChange={(event) => take(listed(event.currentTarget.files ?? []))}
          />
        </Group>
      )}
    </div>
  );
}
