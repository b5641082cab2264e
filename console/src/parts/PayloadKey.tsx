import { Button, Group, List, PasswordInput, Radio, Stack, Text, Textarea } from "@mantine/core";
import { t } from "../strings";

/** How the payloads of an app are to be encrypted, as typed. */
export interface PayloadChoice {
  mode: "public" | "symmetric";
  key: string;
}

/** A private key must never leave the browser. */
export function keyError(text: string): string | null {
  if (!text.trim()) return t("common.required");
  const secret = /PRIVATE KEY/.test(text) || /"(d|k)"\s*:/.test(text);
  return secret ? t("createApp.keyPrivate") : null;
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
}

/** Key arrangement of encrypted payloads. */
export function PayloadKey({ admin, value, change, error }: Props) {
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
        <Textarea
          id="payload-key"
          label={t("payload.publicKey")}
          description={t("payload.publicHint")}
          required
          autosize
          minRows={3}
          maxRows={10}
          spellCheck={false}
          className="mono-field"
          value={value.key}
          onChange={(event) => change({ mode: "public", key: event.currentTarget.value })}
          error={error}
        />
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
        <Text size="xs" c="dimmed" mt={4}>
          {t("payload.warning")}
        </Text>
      </div>
    </Stack>
  );
}
