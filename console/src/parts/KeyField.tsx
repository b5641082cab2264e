import { Button, FileButton, Group, Stack, Text, Textarea } from "@mantine/core";
import { useEffect, useState } from "react";
import { t } from "../strings";
import { isPrivate, readPublicKey, UnreadableKey, type KeyFacts } from "./publicKey";

/** A private key must never leave the browser. */
export function keyError(text: string): string | null {
  if (!text.trim()) return t("common.required");
  return isPrivate(text) ? t("createApp.keyPrivate") : null;
}

const UNREADABLE = { pem: "key.pem", certificate: "key.certificate", jwk: "key.jwk" } as const;

/** The largest file that can be a key, bytes. */
const FILE_MAX = 16 * 1024;

interface Props {
  id: string;
  label: string;
  description: string;
  value: string;
  change: (text: string) => void;
  error: string | null;
  setError: (error: string | null) => void;
  /** An empty field is in order. */
  optional?: boolean;
}

/** A public key, pasted or from a file; what can be read of it is shown under the field. */
export function KeyField({ id, label, description, value, change, error, setError, optional }: Props) {
  const [facts, setFacts] = useState<KeyFacts>();
  useEffect(() => {
    let current = true;
    setFacts(undefined);
    // Without a secure context the browser reads no keys; the server does in any case.
    if (!value.trim() || isPrivate(value) || !window.isSecureContext) return;
    readPublicKey(value).then(
      (found) => current && setFacts(found),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [value]);
  const check = async () => {
    if (!value.trim()) return;
    const wrong = keyError(value);
    if (wrong || !window.isSecureContext) return setError(wrong);
    try {
      await readPublicKey(value);
      setError(null);
    } catch (reason) {
      setError(t(UNREADABLE[reason instanceof UnreadableKey ? reason.tried : "pem"]));
    }
  };
  const fromFile = async (file: File | null) => {
    if (!file) return;
    if (file.size > FILE_MAX) return setError(t("key.tooLong"));
    const text = await file.text();
    const wrong = keyError(text);
    // What must not leave its owner is not even shown.
    if (wrong) return setError(wrong);
    setError(null);
    change(text);
  };
  return (
    <Stack gap={4}>
      <Textarea
        id={id}
        label={label}
        description={description}
        required={!optional}
        autosize
        minRows={4}
        maxRows={10}
        spellCheck={false}
        className="mono-field"
        value={value}
        onChange={(event) => change(event.currentTarget.value)}
        onBlur={() => void check()}
        error={error}
      />
      <Group gap="sm">
        <FileButton onChange={(file) => void fromFile(file)} accept=".pem,.crt,.cer,.jwk,.json,.txt,.key,.pub">
          {(props) => (
            <Button {...props} size="compact-sm" variant="default">
              {t("key.choose")}
            </Button>
          )}
        </FileButton>
        {facts && (
          <Text size="xs" role="status" data-testid={`${id}-facts`} style={{ overflowWrap: "anywhere" }}>
            {t(facts.kty === "RSA" ? "key.rsa" : "key.curve", {
              type: facts.kty,
              size: facts.size,
              thumbprint: facts.thumbprint,
            })}
          </Text>
        )}
      </Group>
    </Stack>
  );
}
