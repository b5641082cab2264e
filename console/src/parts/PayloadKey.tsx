import { Alert, Button, Group, List, PasswordInput, Radio, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useState } from "react";
import { api, take } from "../api/client";
import { t } from "../strings";
import { Failure } from "./Failure";
import { keyError, KeyField } from "./KeyField";
import { failed } from "./notify";
import { PlatformKey } from "./PlatformKey";
import { makePair, openAnswer, type Sealed } from "./publicKey";

/** How the payloads of an app are to be encrypted, as typed. */
export interface PayloadChoice {
  mode: "public" | "symmetric";
  key: string;
  /** The private half of a pair that was made here; memory of this page only. */
  privatePem?: string;
}

/** What is wrong with a payload key, or null. */
export function payloadError({ mode, key }: PayloadChoice): string | null {
  if (mode === "public") return keyError(key);
  if (!key.trim()) return t("common.required");
  return /^[A-Za-z0-9+/]{43}=$/.test(key.trim()) ? null : t("payload.symmetricForm");
}

/** 32 random bytes in base64. */
function fresh(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
}

interface Props {
  admin: boolean;
  value: PayloadChoice;
  change: (value: PayloadChoice) => void;
  error: string | null;
  setError: (error: string | null) => void;
}

/** Key arrangement of encrypted payloads. */
export function PayloadKey({ admin, value, change, error, setError }: Props) {
  return (
    <Stack className="card">
      <Radio.Group
        label={t("payload.arrangement")}
        value={value.mode}
        onChange={(mode) => change({ mode: mode as PayloadChoice["mode"], key: "" })}
      >
        <Group mt="xs">
          <Radio value="public" label={t("payload.publicMode")} />
          <Radio value="symmetric" label={t("payload.symmetricMode")} />
        </Group>
      </Radio.Group>
      {value.mode === "public" ? (
        <>
          <KeyField
            id="payload-key"
            label={t("payload.publicKey")}
            description={t("payload.publicHint")}
            value={value.key}
            change={(key) => change({ mode: "public", key })}
            error={error}
            setError={setError}
          />
          <PairMaker value={value} change={change} />
        </>
      ) : (
        <Group align="flex-end">
          <PasswordInput
            id="payload-key"
            label={t("payload.symmetricKey")}
            description={t("payload.symmetricHint")}
            required
            autoComplete="off"
            flex={1}
            miw={220}
            value={value.key}
            onChange={(event) => change({ mode: "symmetric", key: event.currentTarget.value })}
            error={error}
          />
          <Button variant="default" onClick={() => change({ mode: "symmetric", key: fresh() })}>
            {t("payload.generate")}
          </Button>
        </Group>
      )}
      <Operations admin={admin} />
      <PlatformKey label={t("payload.platformKey")} />
    </Stack>
  );
}

/** What travels encrypted once it is on. */
export function Operations({ admin }: { admin: boolean }) {
  return (
    <div>
      <Text size="sm" fw={500}>
        {t("payload.operations")}
      </Text>
      <List size="xs">
        {t(admin ? "payload.adminOperations" : "payload.platformOperations")
          .split("; ")
          .map((operation) => (
            <List.Item key={operation}>{operation}</List.Item>
          ))}
      </List>
      <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} mt="xs" p="xs">
        {t("payload.warning")}
      </Alert>
    </div>
  );
}

/** Makes a key pair; the private half is handed out once. */
function PairMaker({ value, change }: Pick<Props, "value" | "change">) {
  const [busy, setBusy] = useState(false);
  const [taken, setTaken] = useState(false);
  const make = async () => {
    setBusy(true);
    try {
      const pair = await makePair();
      setTaken(false);
      change({ mode: "public", key: pair.publicPem, privatePem: pair.privatePem });
    } catch (reason) {
      failed(reason);
    } finally {
      setBusy(false);
    }
  };
  if (!window.isSecureContext) return null;
  return (
    <Stack gap={4}>
      <Group gap="xs">
        <Button variant="default" loading={busy} onClick={() => void make()}>
          {t("payload.makePair")}
        </Button>
        {value.privatePem && !taken && (
          <Button
            onClick={() => {
              download(value.privatePem ?? "");
              setTaken(true);
            }}
          >
            {t("payload.download")}
          </Button>
        )}
      </Group>
      {value.privatePem && (
        <Text size="xs" role="status">
          {t(taken ? "payload.downloaded" : "payload.pairMade")}
        </Text>
      )}
    </Stack>
  );
}

function download(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/x-pem-file" }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = "payload-private-key.pem";
  anchor.click();
  window.setTimeout(() => URL.revokeObjectURL(url), 1_000);
}

interface TryProps {
  clientId: string;
  /** Opens the sample too, where the key pair was made in this page. */
  privatePem?: string;
}

/** A sample answer as the client would get it. */
export function TryPayload({ clientId, privatePem }: TryProps) {
  const [sample, setSample] = useState<Sealed>();
  const [opened, setOpened] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const act = async () => {
    setBusy(true);
    setError(undefined);
    setOpened(undefined);
    try {
      const params = { path: { clientId } };
      const { answer } = await take(api.POST("/apps/{clientId}/payload-key/try", { params }));
      setSample(answer);
      if (privatePem) setOpened(await openAnswer(answer, privatePem));
    } catch (reason) {
      setError(reason);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack gap="xs">
      <Group>
        <Button variant="default" loading={busy} onClick={() => void act()}>
          {t("payload.try")}
        </Button>
      </Group>
      {error !== undefined && <Failure error={error} />}
      {sample && (
        <>
          <Text size="sm" fw={500}>
            {t("payload.sample")}
          </Text>
          <pre
            className="mono card"
            data-testid="payload-sample"
            tabIndex={0}
            style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere", margin: 0, fontSize: 12 }}
          >
            {JSON.stringify(sample, null, 2)}
          </pre>
        </>
      )}
      {opened !== undefined && (
        <>
          <Text size="sm" fw={500}>
            {t("payload.opened")}
          </Text>
          <pre className="mono card" data-testid="payload-opened" style={{ margin: 0 }}>
            {opened}
          </pre>
        </>
      )}
    </Stack>
  );
}
