import { Alert, Anchor, Button, FileInput, Group, List, Menu, Modal, Stack, Text } from "@mantine/core";
import { IconAlertCircle, IconChevronDown, IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useState, type ReactNode } from "react";
import { BASE, sendForm } from "../api/client";
import { client } from "../api/queries";
import { changed } from "../api/train";
import type { Job } from "../api/types";
import { t } from "../strings";
import { Failure } from "./Failure";
import { JobLine } from "./JobLine";
import { failed, succeeded } from "./notify";
import { useRunning, useStarted } from "./TrainButton";

interface Props {
  botId: string;
  /** Kinds of the jobs: taking in, giving out. */
  kinds: [string, string];
  /** Where a file is sent to, below the agent. */
  path: string;
  /** Asks for an export; the answer names the job. */
  ask: (format: "csv" | "json") => Promise<string>;
  title: string;
  /** What an import does to what is there. */
  text: ReactNode;
}

const jobsChanged = () => client.invalidateQueries({ queryKey: ["jobs"] });

/** Buttons that take training data from a file, and give it out as one. */
export function FileButtons({ botId, kinds, path, ask, title, text }: Props) {
  const [opened, setOpened] = useState(false);
  const give = async (format: "csv" | "json") => {
    try {
      const job = await ask(format);
      client.setQueryData(["started", botId, kinds[1]], job);
      await jobsChanged();
    } catch (error) {
      failed(error);
    }
  };
  return (
    <>
      <Button variant="default" onClick={() => setOpened(true)}>
        {t("files.import")}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={16} aria-hidden />}>
            {t("files.export")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void give("csv")}>{t("files.csv")}</Menu.Item>
          <Menu.Item onClick={() => void give("json")}>{t("files.json")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {opened && (
        <Import botId={botId} kind={kinds[0]} path={path} title={title} text={text} close={() => setOpened(false)} />
      )}
    </>
  );
}

/** The export that runs or has just ended; it is found again after a reload as long as it runs. */
export function FileProgress({ botId, kinds }: { botId: string; kinds: [string, string] }) {
  return (
    <>
      <Work key={kinds[0]} botId={botId} kind={kinds[0]} />
      <Work key={kinds[1]} botId={botId} kind={kinds[1]} file />
    </>
  );
}

const heldKey = (botId: string, kind: string) => ["held", botId, kind];

/** Whether a dialog shows the work of this kind, so that the page need not. */
function useHeld(botId: string, kind: string): boolean {
  return useQuery({ queryKey: heldKey(botId, kind), queryFn: () => false, enabled: false, initialData: false }).data;
}

function Work({ botId, kind, file }: { botId: string; kind: string; file?: boolean }) {
  const running = useRunning(botId, kind);
  const shown = useStarted(botId, kind, running);
  const [done, setDone] = useState<string>();
  const held = useHeld(botId, kind);
  const over = useCallback(
    (job: Job) => {
      void jobsChanged();
      if (!file) void changed(botId);
      if (job.state !== "done") return;
      client.setQueryData(["started", botId, kind], null);
      if (file) setDone(job.id);
      else succeeded(t("files.imported"));
    },
    [botId, kind, file],
  );
  if (held) return null;
  return (
    <>
      {shown && <JobLine key={shown} jobId={shown} onOver={over} />}
      {done && !shown && (
        <Alert
          color="teal"
          role="status"
          icon={<IconCircleCheck aria-hidden />}
          title={t("files.ready")}
          withCloseButton
          closeButtonLabel={t("common.close")}
          onClose={() => setDone(undefined)}
        >
          <Anchor href={`${BASE}/agents/${encodeURIComponent(botId)}/exports/${done}`} download>
            {t("files.download")}
          </Anchor>
        </Alert>
      )}
    </>
  );
}

interface ImportProps {
  botId: string;
  kind: string;
  path: string;
  title: string;
  text: ReactNode;
  close: () => void;
}

function Import({ botId, kind, path, title, text, close }: ImportProps) {
  const [file, setFile] = useState<File | null>(null);
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [job, setJob] = useState<string>();
  const [wrong, setWrong] = useState<string[]>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    client.setQueryData(heldKey(botId, kind), true);
    return () => void client.setQueryData(heldKey(botId, kind), false);
  }, [botId, kind]);
  const over = useCallback(
    (ended: Job) => {
      void jobsChanged();
      client.setQueryData(["started", botId, kind], null);
      setBusy(false);
      setJob(undefined);
      if (ended.state === "done") {
        void changed(botId);
        succeeded(t("files.imported"));
        close();
      } else setWrong((ended.error ?? ended.message).split("\n"));
    },
    [botId, kind, close],
  );
  const send = async () => {
    setMissing(!file);
    if (!file || busy) return;
    setBusy(true);
    setError(undefined);
    setWrong(undefined);
    try {
      const form = new FormData();
      form.append("file", file, file.name);
      const started = await sendForm(`/agents/${encodeURIComponent(botId)}${path}`, form);
      setJob(started);
      void jobsChanged();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  // Work that goes on after the dialog is closed is shown on the page.
  const leave = () => {
    if (job) client.setQueryData(["started", botId, kind], job);
    close();
  };
  return (
    <Modal opened onClose={leave} title={title} size="lg" closeButtonProps={{ "aria-label": t("common.close") }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Stack>
          <Text size="sm">{text}</Text>
          <FileInput
            data-autofocus
            label={t("files.file")}
            description={t("files.hint")}
            placeholder={t("import.choose")}
            accept=".csv,.json"
            required
            clearable
            clearButtonProps={{ "aria-label": t("import.clear") }}
            value={file}
            onChange={(next) => {
              setFile(next);
              setMissing(false);
            }}
            error={missing ? t("files.missing") : undefined}
          />
          {job && <JobLine jobId={job} onOver={over} />}
          {wrong && <WrongRows rows={wrong} />}
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={leave}>
              {job ? t("common.close") : t("common.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {t("files.import")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Why a file was refused, row by row. */
export function WrongRows({ rows, title }: { rows: string[]; title?: string }) {
  return (
    <Alert color="red" role="alert" icon={<IconAlertCircle aria-hidden />} title={title ?? t("files.refused")}>
      {!title && (
        <Text size="sm" mb="xs">
          {t("files.refusedText")}
        </Text>
      )}
      <div className="wrong-rows" tabIndex={0} role="region" aria-label={t("files.wrongRows")}>
        <List size="sm">
          {rows.map((row, i) => (
            <List.Item key={i}>{row}</List.Item>
          ))}
        </List>
      </div>
    </Alert>
  );
}
