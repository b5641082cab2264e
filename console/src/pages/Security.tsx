import { Alert, Button, Checkbox, Stack, Text, Textarea } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { api, ApiError, take } from "../api/client";
import { client, securityQuery } from "../api/queries";
import type { SecurityRules } from "../api/types";
import { Failure, Loaded } from "../parts/Failure";
import { Leaving } from "../parts/Leaving";
import { Need, useMay } from "../parts/Need";
import { succeeded } from "../parts/notify";
import { PageHead } from "../parts/PageHead";
import { useProof } from "../parts/StepUp";
import { t } from "../strings";

/** The rules of security of the account. */
export function Security() {
  const rules = useQuery(securityQuery);
  return (
    <>
      <PageHead title={t("security.title")} purpose={t("security.purpose")} />
      <Need permission="view">
        <Loaded query={rules}>
          {(given) => <Form key={JSON.stringify(given)} given={given} />}
        </Loaded>
      </Need>
    </>
  );
}

type Switch = Exclude<keyof SecurityRules, "addresses">;

function Group({ label, children }: { label: string; children: ReactNode }) {
  return (
    <fieldset className="group">
      <legend>{label}</legend>
      <Stack gap="sm" pt="xs">
        {children}
      </Stack>
    </fieldset>
  );
}

function Form({ given }: { given: SecurityRules }) {
  const [rules, setRules] = useState(given);
  const [problem, setProblem] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const may = useMay("account");
  const withProof = useProof();
  const keys = Object.keys(given) as (keyof SecurityRules)[];
  const changes = keys.filter((key) => rules[key] !== given[key]);
  const blocker = useBlocker({
    shouldBlockFn: () => changes.length > 0,
    enableBeforeUnload: () => changes.length > 0,
    withResolver: true,
  });
  const set = (key: Switch) => (
    <Checkbox
      label={t(`security.${key}`)}
      description={t(`security.${key}Hint`)}
      disabled={!may}
      checked={rules[key]}
      onChange={(event) => {
        const { checked } = event.currentTarget;
        setRules((before) => ({ ...before, [key]: checked }));
      }}
    />
  );
  const save = async () => {
    const missing = rules.restrict && !rules.addresses.trim();
    setProblem(missing ? t("security.addressesNeeded") : undefined);
    setError(undefined);
    if (missing) document.getElementById("addresses")?.focus();
    if (missing || busy || changes.length === 0) return;
    setBusy(true);
    try {
      const body = Object.fromEntries(changes.map((key) => [key, rules[key]]));
      const saved = await withProof(() => take(api.PATCH("/settings/security", { body })));
      if (!saved) return;
      succeeded(t("security.saved"));
      client.setQueryData(securityQuery.queryKey, saved);
    } catch (reason) {
      const field = reason instanceof ApiError ? reason.field("addresses") : undefined;
      if (field) setProblem(field);
      else setError(reason);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Stack gap="lg" maw={640}>
        {!may && <Text>{t("security.viewOnly")}</Text>}
        <Group label={t("security.tokens")}>
          {set("requireExpiry")}
          {set("hardened")}
          {set("revealSecrets")}
        </Group>
        <Group label={t("security.network")}>
          {set("restrict")}
          {set("restrictApi")}
          <Textarea
            id="addresses"
            label={t("security.addresses")}
            description={t("security.addressesHint")}
            autosize
            minRows={3}
            maxRows={12}
            spellCheck={false}
            className="mono-field"
            disabled={!may}
            value={rules.addresses}
            onChange={(event) => {
              const addresses = event.currentTarget.value;
              setRules((before) => ({ ...before, addresses }));
            }}
            error={problem}
          />
          {rules.restrict && !given.restrict && (
            <Alert color="orange" icon={<IconAlertTriangle aria-hidden />}>
              {t("security.lockOut")}
            </Alert>
          )}
        </Group>
        {error !== undefined && <Failure error={error} />}
        {may && (
          <div className="sticky-foot">
            <Button type="submit" loading={busy}>
              {t("common.save")}
            </Button>
            {changes.length > 0 && (
              <Text c="dimmed" size="sm">
                {t("common.unsaved")}
              </Text>
            )}
          </div>
        )}
      </Stack>
      {blocker.status === "blocked" && (
        <Leaving stay={blocker.reset} discard={blocker.proceed} />
      )}
    </form>
  );
}
