import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { api, ApiError, take, keepToken } from "../api/client";
import { client, sessionQuery } from "../api/queries";
import { Brand } from "../parts/Brand";
import { Failure } from "../parts/Failure";
import { PageHead } from "../parts/PageHead";
import { t } from "../strings";

const required = (value: string) => (value.trim() ? null : t("common.required"));

/** First run: the account and its owner. */
export function Setup() {
  const router = useRouter();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const form = useForm({
    initialValues: { code: "", account: "", name: "", email: "", password: "" },
    validateInputOnBlur: true,
    validate: {
      code: required,
      account: required,
      email: required,
      password: (value) => (value.length >= 12 ? null : t("signIn.short")),
    },
  });
  const submit = form.onSubmit(
    async ({ code, account, name, email, password }) => {
      setBusy(true);
      setError(undefined);
      try {
        const body = {
          code: code.trim(),
          account: account.trim(),
          email: email.trim(),
          password,
          ...(name.trim() ? { name: name.trim() } : {}),
        };
        const session = await take(api.POST("/setup", { body }));
        keepToken(session);
        client.setQueryData(sessionQuery.queryKey, session);
        await router.navigate({ to: "/builder", replace: true });
      } catch (problem) {
        if (problem instanceof ApiError && problem.fields.length > 0) {
          form.setErrors(Object.fromEntries(problem.fields.map((f) => [f.field, f.message])));
        }
        setError(problem);
      } finally {
        setBusy(false);
      }
    },
    (errors) => form.getInputNode(Object.keys(errors)[0] ?? "")?.focus(),
  );
  return (
    <div className="gate">
      <main>
        <Brand />
        <PageHead title={t("setup.title")} purpose={t("setup.purpose")} />
        <form onSubmit={submit} noValidate>
          <Stack>
            <TextInput
              label={t("setup.code")}
              autoComplete="one-time-code"
              required
              {...form.getInputProps("code")}
            />
            <TextInput label={t("setup.account")} required {...form.getInputProps("account")} />
            <TextInput
              label={t("setup.name")}
              description={t("import.optional")}
              autoComplete="name"
              {...form.getInputProps("name")}
            />
            <TextInput
              label={t("setup.email")}
              type="email"
              autoComplete="username"
              required
              {...form.getInputProps("email")}
            />
            <PasswordInput
              label={t("setup.password")}
              description={t("setup.passwordHint")}
              autoComplete="new-password"
              required
              {...form.getInputProps("password")}
            />
            {error !== undefined && <Failure error={error} />}
            <Button type="submit" loading={busy}>
              {t("setup.submit")}
            </Button>
          </Stack>
        </form>
      </main>
    </div>
  );
}
