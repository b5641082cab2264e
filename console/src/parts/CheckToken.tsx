import { Alert, Badge, Group, List, Stack, Text, Textarea } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { t, type TextKey } from "../strings";
import { readToken, signatureFits, warnings, type Algorithm } from "./jwt";

interface Props {
  algorithm: Algorithm;
  /** What signs: for algorithms with a secret the same checks. */
  secret: string;
  placeholder: string;
}

/** Takes a token apart in this page, and says which rule would refuse it. */
export function CheckToken({ algorithm, secret, placeholder }: Props) {
  const [token, setToken] = useState("");
  const [fits, setFits] = useState<boolean>();
  const read = token.trim() ? readToken(token.trim()) : undefined;
  useEffect(() => {
    let current = true;
    setFits(undefined);
    if (algorithm.startsWith("HS") && secret && token.trim()) {
      void signatureFits(algorithm, token.trim(), secret).then((found) => current && setFits(found));
    }
    return () => {
      current = false;
    };
  }, [algorithm, secret, token]);
  const faults: TextKey[] = [];
  if (read?.kind === "unreadable") faults.push("token.checkForm");
  if (read?.kind === "signed") {
    if (read.header.alg !== algorithm) faults.push("token.checkAlgorithm");
    if (fits === false) faults.push("token.checkSignature");
    faults.push(...warnings(read.claims, placeholder).map((name): TextKey => `token.${name}`));
  }
  return (
    <details className="card">
      <summary>{t("token.check")}</summary>
      <Stack mt="sm">
        <Textarea
          label={t("token.checkToken")}
          description={t("token.checkHint")}
          autosize
          minRows={3}
          maxRows={8}
          spellCheck={false}
          autoComplete="off"
          className="mono-field"
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
        />
        {read?.kind === "encrypted" && (
          <Text size="sm" role="status">
            {t("token.checkEncrypted", { kid: String(read.header.kid ?? "") })}
          </Text>
        )}
        {read?.kind === "signed" && (
          <pre className="mono" data-testid="checked" style={{ margin: 0, whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
            {JSON.stringify(read.header)}
            {"\n"}
            {JSON.stringify(read.claims, null, 2)}
          </pre>
        )}
        {faults.length > 0 && (
          <Alert color="orange" role="status" icon={<IconAlertTriangle aria-hidden />} title={t("token.checkRefused")}>
            <List size="sm">
              {faults.map((fault) => (
                <List.Item key={fault}>{t(fault)}</List.Item>
              ))}
            </List>
          </Alert>
        )}
        {read?.kind === "signed" && faults.length === 0 && (
          <Group gap="xs">
            <Badge
              color={fits ? "teal" : "gray"}
              className="state"
              c="var(--mantine-color-text)"
              leftSection={<IconCircleCheck size={14} aria-hidden />}
            >
              {t(fits ? "token.checkGood" : "token.checkUnknown")}
            </Badge>
          </Group>
        )}
      </Stack>
    </details>
  );
}
