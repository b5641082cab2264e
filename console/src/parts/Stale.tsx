import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useState } from "react";
import { ApiError } from "../api/client";
import { changed } from "../api/train";
import { t } from "../strings";
import { Failure } from "./Failure";

/** Somebody else was faster: the change was made on a state that is gone. */
export const isStale = (error: unknown): boolean => error instanceof ApiError && error.status === 412;

interface Props {
  error: unknown;
  /** Reads what others wrote, in place of what is typed here. */
  load: () => Promise<void>;
  /** Takes the message away; what is typed stays. */
  keep: () => void;
}

/** Why saving failed. When somebody else was faster, nothing of theirs is overwritten unseen: theirs can be loaded. */
export function SaveFailure({ error, load, keep }: Props) {
  const [reason, setReason] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  if (error === undefined) return null;
  if (!isStale(error)) return <Failure error={error} />;
  const fetch = async () => {
    setBusy(true);
    setReason(undefined);
    try {
      await load();
    } catch (problem) {
      setReason(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Alert color="orange" role="alert" icon={<IconAlertTriangle aria-hidden />} title={t("common.changedMeanwhile")}>
      <Stack gap="xs">
        <Text size="sm">{t("common.changedText")}</Text>
        <Group gap="xs">
          <Button size="compact-sm" variant="default" loading={busy} onClick={() => void fetch()}>
            {t("common.loadTheirs")}
          </Button>
          <Button size="compact-sm" variant="default" onClick={keep}>
            {t("common.keepEditing")}
          </Button>
        </Group>
        {reason !== undefined && <Failure error={reason} />}
      </Stack>
    </Alert>
  );
}

/** A key for a form of this state: the form begins anew with theirs once somebody asks for them, and not before. */
export function useTheirs(botId: string, tag: string): { key: string; load: () => Promise<void> } {
  const [theirs, setTheirs] = useState(false);
  const load = async () => {
    await changed(botId);
    setTheirs(true);
  };
  return { key: theirs ? tag : "", load };
}
