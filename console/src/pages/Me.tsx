import { Alert, Anchor, Button, Group, List, Modal, PasswordInput, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { api, ApiError, keepToken, take } from "../api/client";
import { client, factorsQuery, sessionQuery, sessionsQuery } from "../api/queries";
import { Ask } from "../parts/Ask";
import { Copy } from "../parts/Copy";
import { Failure, Loaded } from "../parts/Failure";
import { failed, succeeded } from "../parts/notify";
import { focusHeading, PageHead } from "../parts/PageHead";
import { Passkeys } from "../parts/Passkeys";
import { Rows } from "../parts/Rows";
import { State } from "../parts/State";
import { useProof } from "../parts/StepUp";
import { when } from "../parts/time";
import { t } from "../strings";

const refresh = () =>
  Promise.all([
    client.invalidateQueries({ queryKey: factorsQuery.queryKey }),
    client.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  ]);

/** What a person does for the safety of the own sign-in. */
export function Me() {
  const { data: session } = useQuery(sessionQuery);
  return (
    <>
      <PageHead title={t("me.title")} purpose={session?.user.email} />
      <Stack gap={32} maw={760}>
        <Factor />
        <Section title={t("passkey.title")} text={t("passkey.text")}>
          <Passkeys />
        </Section>
        <Password />
        <Sessions />
      </Stack>
    </>
  );
}

function Section({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <Stack gap="sm" component="section">
      <Title order={2}>{title}</Title>
      <Text c="dimmed">{text}</Text>
      {children}
    </Stack>
  );
}

function Factor() {
  const factors = useQuery(factorsQuery);
  const [begun, setBegun] = useState<{ secret: string; uri: string }>();
  const [codes, setCodes] = useState<string[]>();
  const [removing, setRemoving] = useState(false);
  const withProof = useProof();
  const begin = async () => {
    try {
      setBegun(await withProof(() => take(api.POST("/session/totp"))));
    } catch (error) {
      failed(error);
    }
  };
  const renew = async () => {
    try {
      const answer = await withProof(() => take(api.POST("/session/recovery-codes")));
      if (!answer) return;
      setCodes(answer.recoveryCodes);
      await refresh();
    } catch (error) {
      failed(error);
    }
  };
  return (
    <Section title={t("me.factor")} text={t("me.factorText")}>
      <Loaded query={factors} rows={2}>
        {({ totp, recoveryLeft }) => (
          <>
            <Group gap="md">
              {totp ? (
                <State kind="good" word={t("me.factorOn")} />
              ) : (
                <State kind="none" word={t("me.factorOff")} />
              )}
              {totp && <Text size="sm">{t("me.recoveryLeft", { count: recoveryLeft })}</Text>}
            </Group>
            <Group gap="xs">
              {totp ? (
                <>
                  <Button variant="default" onClick={() => void renew()}>
                    {t("me.renew")}
                  </Button>
                  <Button variant="default" onClick={() => setRemoving(true)}>
                    {t("me.remove")}
                  </Button>
                </>
              ) : (
                <Button onClick={() => void begin()}>{t("me.setUp")}</Button>
              )}
            </Group>
          </>
        )}
      </Loaded>
      {begun && (
        <SetUp
          {...begun}
          close={() => setBegun(undefined)}
          done={(recovery) => {
            setBegun(undefined);
            setCodes(recovery);
          }}
        />
      )}
      {codes && <Codes codes={codes} close={() => setCodes(undefined)} />}
      {removing && (
        <Ask
          title={t("me.removeTitle")}
          button={t("me.remove")}
          close={() => setRemoving(false)}
          act={async () => {
            await take(api.DELETE("/session/totp"));
            await refresh();
            succeeded(t("me.removed"), true);
            focusHeading();
          }}
        >
          <Text>{t("me.removeText")}</Text>
        </Ask>
      )}
    </Section>
  );
}

interface SetUpProps {
  secret: string;
  uri: string;
  close: () => void;
  done: (codes: string[]) => void;
}

function SetUp({ secret, uri, close, done }: SetUpProps) {
  const [code, setCode] = useState("");
  const [problem, setProblem] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const withProof = useProof();
  const submit = async () => {
    const digits = code.replace(/\s/g, "");
    setProblem(/^\d{6}$/.test(digits) ? undefined : t("me.codeForm"));
    if (!/^\d{6}$/.test(digits) || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const body = { code: digits };
      const answer = await withProof(() => take(api.POST("/session/totp/confirm", { body })));
      if (!answer) return;
      await refresh();
      succeeded(t("me.factorSet"));
      done(answer.recoveryCodes);
    } catch (reason) {
      const field = reason instanceof ApiError ? reason.field("code") : undefined;
      if (field) setProblem(field);
      else setError(reason);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={close}
      title={t("me.setUp")}
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Stack>
          <Text>{t("me.setUpText")}</Text>
          <Stack gap={4}>
            <Text size="sm" fw={500} id="totp-key">
              {t("me.key")}
            </Text>
            <Group gap="xs" className="card" wrap="nowrap">
              <span className="mono" data-testid="totp-key" style={{ overflowWrap: "anywhere" }}>
                {secret.replace(/(.{4})(?=.)/g, "$1 ")}
              </span>
              <Copy value={secret} name={t("me.key")} />
            </Group>
            <Anchor href={uri} size="sm">
              {t("me.openApp")}
            </Anchor>
          </Stack>
          <TextInput
            label={t("me.code")}
            description={t("me.codeHint")}
            required
            data-autofocus
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={12}
            maw={220}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            error={problem}
          />
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {t("me.turnOn")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** The recovery codes: this once, and never again. */
function Codes({ codes, close }: { codes: string[]; close: () => void }) {
  return (
    <Modal
      opened
      onClose={close}
      title={t("me.codes")}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack>
        <Alert color="orange" icon={<IconCircleCheck aria-hidden />} title={t("me.codesOnce")}>
          {t("me.codesText")}
        </Alert>
        <List listStyleType="none" className="mono card" data-testid="recovery-codes">
          {codes.map((code) => (
            <List.Item key={code}>{code}</List.Item>
          ))}
        </List>
        <Group justify="space-between">
          <Group gap={4}>
            <Copy value={codes.join("\n")} name={t("me.codes")} />
            <Text size="sm">{t("common.copyNamed", { name: t("me.codes") })}</Text>
          </Group>
          <Button onClick={close} data-autofocus>
            {t("me.codesKept")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Password() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [problem, setProblem] = useState<{ current?: string; next?: string }>({});
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    const found = {
      current: current ? undefined : t("common.required"),
      next: [...next].length >= 12 ? undefined : t("setup.passwordHint"),
    };
    setProblem(found);
    setError(undefined);
    if (found.current || found.next || busy) return;
    setBusy(true);
    try {
      await take(api.PUT("/session/password", { body: { current, next } }));
      setNext("");
      await refresh();
      succeeded(t("me.passwordChanged"));
    } catch (reason) {
      const field = (name: string) => (reason instanceof ApiError ? reason.field(name) : undefined);
      const refused = { current: field("current"), next: field("next") };
      setProblem(refused);
      if (!refused.current && !refused.next) setError(reason);
    } finally {
      setCurrent("");
      setBusy(false);
    }
  };
  return (
    <Section title={t("me.password")} text={t("me.passwordText")}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Stack maw={360}>
          <PasswordInput
            label={t("signIn.current")}
            autoComplete="current-password"
            required
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
            error={problem.current}
          />
          <PasswordInput
            label={t("signIn.next")}
            description={t("setup.passwordHint")}
            autoComplete="new-password"
            required
            value={next}
            onChange={(event) => setNext(event.currentTarget.value)}
            error={problem.next}
          />
          {error !== undefined && <Failure error={error} />}
          <Group>
            <Button type="submit" variant="default" loading={busy}>
              {t("me.changePassword")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function Sessions() {
  const sessions = useQuery(sessionsQuery);
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const end = async (sessionId: string) => {
    try {
      await take(api.DELETE("/sessions/{sessionId}", { params: { path: { sessionId } } }));
      await refresh();
      succeeded(t("me.ended"));
      focusHeading();
    } catch (error) {
      failed(error);
    }
  };
  return (
    <Section title={t("me.sessions")} text={t("me.sessionsText")}>
      <Loaded query={sessions} rows={3}>
        {({ items }) => (
          <Rows label={t("me.sessions")} minWidth={620}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("me.started")}</Table.Th>
                <Table.Th>{t("me.seen")}</Table.Th>
                <Table.Th>{t("me.expires")}</Table.Th>
                <Table.Th>{t("common.actions")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((item) => (
                <Table.Tr key={item.id}>
                  <Table.Td>{when(item.createdAt)}</Table.Td>
                  <Table.Td>{when(item.seenAt)}</Table.Td>
                  <Table.Td>{when(item.expiresAt)}</Table.Td>
                  <Table.Td>
                    {item.current ? (
                      <Text size="sm">{t("me.this")}</Text>
                    ) : (
                      <Button
                        size="compact-sm"
                        variant="default"
                        aria-label={t("me.endNamed", { time: when(item.createdAt) })}
                        onClick={() => void end(item.id)}
                      >
                        {t("me.end")}
                      </Button>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Rows>
        )}
      </Loaded>
      <Group>
        <Button variant="default" onClick={() => setAsking(true)}>
          {t("me.everywhere")}
        </Button>
      </Group>
      {asking && (
        <Ask
          title={t("me.everywhere")}
          button={t("me.everywhere")}
          close={() => setAsking(false)}
          act={async () => {
            await take(api.DELETE("/sessions"));
            keepToken(null);
            client.clear();
            client.setQueryData(sessionQuery.queryKey, null);
            await router.navigate({ to: "/sign-in", replace: true });
          }}
        >
          <Text>{t("me.everywhereText")}</Text>
        </Ask>
      )}
    </Section>
  );
}
