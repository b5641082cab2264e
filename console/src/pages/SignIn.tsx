import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconKey } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { api, ApiError, take, keepToken } from "../api/client";
import { client, sessionQuery } from "../api/queries";
import type { Session } from "../api/types";
import { Brand } from "../parts/Brand";
import { Failure } from "../parts/Failure";
import { PageHead } from "../parts/PageHead";
import { askPasskey, hasPasskeys, wasLeft } from "../parts/passkey";
import { t } from "../strings";

/** Sign-in, and the change of a first password that must come before anything else. */
export function SignIn() {
  const router = useRouter();
  const { next } = useSearch({ from: "/sign-in" });
  const { data: session } = useQuery(sessionQuery);
  // Held between the two steps, so that nothing is asked twice; never leaves this page.
  const [first, setFirst] = useState("");
  const enter = (known: Session) => {
    keepToken(known);
    client.setQueryData(sessionQuery.queryKey, known);
    if (!known.user.mustChangePassword) void router.navigate({ to: next ?? "/builder", replace: true });
  };
  return (
    <div className="gate">
      <main>
        <Brand />
        {session?.user.mustChangePassword ? (
          <ChangePassword session={session} current={first} done={enter} />
        ) : (
          <Password
            done={(known, password) => {
              if (known.user.mustChangePassword) setFirst(password);
              enter(known);
            }}
          />
        )}
      </main>
    </div>
  );
}

function Password({ done }: { done: (session: Session, password: string) => void }) {
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  // The password was right, and the person has an authenticator app.
  const [asked, setAsked] = useState(false);
  // The password was right, and the person signs in with a passkey.
  const [awaited, setAwaited] = useState(false);
  const form = useForm({
    initialValues: { email: "", password: "", code: "" },
    validate: {
      email: (value) => (value.trim() ? null : t("common.required")),
      password: (value) => (value ? null : t("common.required")),
      code: (value) => (value.trim() || !asked ? null : t("common.required")),
    },
  });
  const withPasskey = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const body = await askPasskey();
      done(await take(api.POST("/session/passkey", { body })), "");
    } catch (problem) {
      setError(wasLeft(problem) ? new Error(t("passkey.left")) : problem);
    } finally {
      setBusy(false);
    }
  };
  const submit = form.onSubmit(
    async ({ email, password, code }) => {
      setBusy(true);
      setError(undefined);
      try {
        const body = { email: email.trim(), password, code: code.trim() };
        done(await take(api.POST("/session", { body })), password);
      } catch (problem) {
        const kind = problem instanceof ApiError ? problem.code : "";
        form.setFieldValue("code", "");
        if (kind === "second_factor_required") {
          setAsked(true);
        } else if (kind === "passkey_required") {
          setAwaited(true);
        } else {
          if (kind !== "second_factor_wrong") {
            form.setFieldValue("password", "");
            setAsked(false);
          }
          setError(problem);
        }
      } finally {
        setBusy(false);
      }
    },
    (errors) => form.getInputNode(Object.keys(errors)[0] ?? "")?.focus(),
  );
  return (
    <>
      <PageHead title={t("signIn.title")} />
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label={t("signIn.email")}
            type="email"
            autoComplete="username"
            required
            autoFocus
            {...form.getInputProps("email")}
          />
          <PasswordInput
            label={t("signIn.password")}
            autoComplete="current-password"
            required
            {...form.getInputProps("password")}
          />
          {asked && (
            <TextInput
              label={t("signIn.code")}
              description={t("signIn.codeHint")}
              autoComplete="one-time-code"
              required
              autoFocus
              {...form.getInputProps("code")}
            />
          )}
          {error !== undefined && <Failure error={error} />}
          {awaited && (
            <Alert color="teal" icon={<IconKey aria-hidden />} role="status">
              {t(hasPasskeys() ? "passkey.awaited" : "passkey.unable")}
            </Alert>
          )}
          <Button type="submit" loading={busy}>
            {t("signIn.submit")}
          </Button>
          {hasPasskeys() && (
            <Button variant="default" disabled={busy} leftSection={<IconKey size={16} aria-hidden />} onClick={() => void withPasskey()}>
              {t("passkey.signIn")}
            </Button>
          )}
        </Stack>
      </form>
    </>
  );
}

interface ChangeProps {
  session: Session;
  current: string;
  done: (session: Session) => void;
}

function ChangePassword({ session, current, done }: ChangeProps) {
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const form = useForm({
    initialValues: { current, next: "", again: "" },
    validateInputOnBlur: true,
    validate: {
      current: (value) => (value ? null : t("common.required")),
      next: (value) => (value.length >= 12 ? null : t("signIn.short")),
      again: (value, all) => (value === all.next ? null : t("signIn.mismatch")),
    },
  });
  const submit = form.onSubmit(
    async (values) => {
      setBusy(true);
      setError(undefined);
      try {
        await take(
          api.PUT("/session/password", { body: { current: values.current, next: values.next } }),
        );
        // A changed password may have renewed the session and its token.
        const fresh = await take(api.GET("/session"));
        done({ ...fresh, user: { ...fresh.user, mustChangePassword: false } });
      } catch (problem) {
        setError(problem);
      } finally {
        setBusy(false);
      }
    },
    (errors) => form.getInputNode(Object.keys(errors)[0] ?? "")?.focus(),
  );
  return (
    <>
      <PageHead title={t("signIn.changeTitle")} purpose={t("signIn.changeText")} />
      <form onSubmit={submit} noValidate>
        <Stack>
          <input type="hidden" name="username" autoComplete="username" value={session.user.email} />
          {!current && (
            <PasswordInput
              label={t("signIn.current")}
              autoComplete="current-password"
              required
              {...form.getInputProps("current")}
            />
          )}
          <PasswordInput
            label={t("signIn.next")}
            description={t("setup.passwordHint")}
            autoComplete="new-password"
            required
            {...form.getInputProps("next")}
          />
          <PasswordInput
            label={t("signIn.again")}
            autoComplete="new-password"
            required
            {...form.getInputProps("again")}
          />
          {error !== undefined && <Failure error={error} />}
          <Button type="submit" loading={busy}>
            {t("signIn.change")}
          </Button>
        </Stack>
      </form>
    </>
  );
}
