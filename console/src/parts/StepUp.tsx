import { Button, Group, Modal, PasswordInput, Stack, Text } from "@mantine/core";
import { createContext, useCallback, useContext, useRef, useState, type ReactNode } from "react";
import { api, ApiError, take } from "../api/client";
import { t } from "../strings";
import { words } from "./Failure";
import { askPasskey, hasPasskeys, wasLeft } from "./passkey";

/** Runs `act`; when the server wants a fresh proof, asks for the password and runs it again. */
type WithProof = <T>(act: () => Promise<T>) => Promise<T | undefined>;

const Context = createContext<WithProof>((act) => act());

/** `undefined` is the answer when the person did not confirm. */
export const useProof = (): WithProof => useContext(Context);

export function StepUpProvider({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const settle = useRef<(confirmed: boolean) => void>(() => {});
  const run: WithProof = useCallback(async (act) => {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "step_up_required") throw error;
    }
    const confirmed = await new Promise<boolean>((resolve) => {
      settle.current = resolve;
      setOpen(true);
    });
    return confirmed ? act() : undefined;
  }, []);
  const close = (confirmed: boolean) => {
    setOpen(false);
    settle.current(confirmed);
  };
  return (
    <Context.Provider value={run}>
      {children}
      <Modal
        opened={open}
        onClose={() => close(false)}
        title={t("stepUp.title")}
        size="sm"
        zIndex={400}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {open && <Proof done={close} />}
      </Modal>
    </Context.Provider>
  );
}

function Proof({ done }: { done: (confirmed: boolean) => void }) {
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const confirm = async (byPasskey: boolean) => {
    setBusy(true);
    setError(undefined);
    try {
      const body = byPasskey ? { passkey: await askPasskey() } : { password };
      await take(api.POST("/session/confirm", { body }));
      done(true);
    } catch (problem) {
      const field = problem instanceof ApiError ? problem.field("passkey") : undefined;
      setError(wasLeft(problem) ? t("passkey.left") : (field ?? words(problem)));
      setPassword("");
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        void confirm(false);
      }}
    >
      <Stack>
        <Text c="dimmed">{t("stepUp.text")}</Text>
        <PasswordInput
          label={t("stepUp.password")}
          autoComplete="current-password"
          data-autofocus
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={error}
        />
        {hasPasskeys() && (
          <Button variant="default" disabled={busy} onClick={() => void confirm(true)}>
            {t("passkey.confirm")}
          </Button>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={() => done(false)}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={busy}>
            {t("stepUp.submit")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
