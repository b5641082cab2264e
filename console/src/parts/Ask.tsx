import { Button, Group, Modal, Stack } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { t } from "../strings";
import { Failure } from "./Failure";
import { useReturnFocus } from "./focus";
import { useProof } from "./StepUp";

interface Props {
  title: string;
  button: string;
  children: ReactNode;
  close: () => void;
  /** Does it, after a fresh proof of identity where the server wants one; closes when it worked. */
  act: () => Promise<unknown>;
}

/** Asks before something that many will notice. Focus starts on Cancel. */
export function Ask({ title, button, children, close, act }: Props) {
  useReturnFocus();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const withProof = useProof();
  const submit = async () => {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const worked = await withProof(async () => {
        await act();
        return true;
      });
      if (worked) close();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={close}
      title={title}
      zIndex={250}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <Stack>
        {children}
        {error !== undefined && <Failure error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            {t("common.cancel")}
          </Button>
          <Button color="red.9" c="white" loading={busy} onClick={() => void submit()}>
            {button}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
