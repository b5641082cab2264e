import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { t } from "../strings";
import { Failure } from "./Failure";
import { useReturnFocus } from "./focus";

interface Props {
  title: string;
  name: string;
  button: string;
  children: ReactNode;
  close: () => void;
  /** Does it; a rejected promise is shown in the dialog. */
  act: () => Promise<unknown>;
}

/** A destructive act, confirmed by typing the thing's name. Focus starts on Cancel. */
export function TypedName({ title, name, button, children, close, act }: Props) {
  useReturnFocus();
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const ready = typed.trim() === name.trim();
  const submit = async () => {
    if (!ready || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      await act();
    } catch (problem) {
      setError(problem);
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
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Stack>
          {children}
          <TextInput
            label={t("common.typedName", { name })}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
          />
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              {t("common.cancel")}
            </Button>
            <Button type="submit" color="red.9" c="white" disabled={!ready} loading={busy}>
              {button}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
