import {
  Alert,
  Anchor,
  Button,
  Checkbox,
  Group,
  JsonInput,
  List,
  PasswordInput,
  Select,
  Stack,
  Tabs,
  Text,
  Textarea,
  Title,
} from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCopy, IconLock } from "@tabler/icons-react";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { CheckToken } from "../parts/CheckToken";
import { Copy, toClipboard } from "../parts/Copy";
import { taken } from "../parts/handover";
import {
  ALGORITHMS,
  encrypt,
  encryptionKey,
  header,
  isSymmetric,
  KeyProblem,
  mend,
  readClaims,
  sign,
  warnings,
  type Algorithm,
  type Warning,
} from "../parts/jwt";
import { announce } from "../parts/Live";
import { PageHead } from "../parts/PageHead";
import { curl, node, python } from "../parts/snippets";
import { t, type TextKey } from "../strings";

const DOT = ".";
const KEY_HINT = "-----BEGIN PRIVATE KEY-----";
const PLACEHOLDER = "add-Client-ID-here";
/** The documented hint, which is no secret. */
const HINT = "your-256-bit-secret";

/** Makes tokens without sending anything anywhere. */
export function Token() {
  const { appId } = useSearch({ from: "/tools/jwt" });
  return (
    <main className="page" data-alone>
      <Group justify="space-between" mb="md">
        <Link to="/builder" className="brand">
          <img src="/assets/favicon.svg" alt="" />
          <span>{t("common.product")}</span>
        </Link>
      </Group>
      <PageHead title={t("token.title")} purpose={t("token.purpose")} />
      {window.isSecureContext ? <Maker appId={appId} /> : <Unsafe appId={appId} />}
    </main>
  );
}

/** WebCrypto is there only over TLS and on the own machine. */
function Unsafe({ appId = PLACEHOLDER }: { appId?: string }) {
  const command = `ombud token --app ${appId}`;
  return (
    <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} title={t("token.unsafe")}>
      <Group gap={4}>
        <span className="mono">{command}</span>
        <Copy value={command} name={t("token.command")} />
      </Group>
    </Alert>
  );
}

const first = (appId: string) => JSON.stringify({ sub: "1234567890", appId }, null, 2);

function Maker({ appId }: { appId?: string }) {
  const given = taken();
  const [algorithm, setAlgorithm] = useState<Algorithm>(given.algorithm ?? "HS256");
  const [payload, setPayload] = useState(first(appId ?? PLACEHOLDER));
  const [secret, setSecret] = useState("");
  const [jwe, setJwe] = useState(given.jwe ?? false);
  const read = readClaims(payload);
  const made = useToken(algorithm, "claims" in read ? payload : undefined, secret, jwe);
  const add = (more: Record<string, unknown>) => {
    if ("claims" in read) setPayload(JSON.stringify({ ...read.claims, ...more }, null, 2));
  };
  return (
    <div className="token">
      <Stack>
        <Select
          label={t("token.algorithm")}
          data={[...ALGORITHMS]}
          value={algorithm}
          allowDeselect={false}
          onChange={(value) => {
            setAlgorithm(value as Algorithm);
            setSecret("");
          }}
        />
        <Title order={2}>{t("token.decoded")}</Title>
        <div>
          <Text size="xs" c="dimmed">
            {t("token.header")}
          </Text>
          <pre className="mono card" data-testid="header">
            {JSON.stringify(header(algorithm))}
          </pre>
        </div>
        <JsonInput
          label={t("token.payload")}
          autosize
          minRows={5}
          maxRows={16}
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
          value={payload}
          onChange={setPayload}
          error={"fault" in read ? t("token.fault", { ...read.fault }) : undefined}
        />
        <Quick add={add} />
        {"claims" in read && (
          <Warnings
            list={warnings(read.claims, PLACEHOLDER)}
            fix={() => setPayload(JSON.stringify(mend(read.claims), null, 2))}
          />
        )}
        <Key algorithm={algorithm} secret={secret} setSecret={setSecret} problem={made.problem} />
        <Checkbox
          label={t("token.jwe")}
          description={made.noKeys ? t("token.noKeys") : t("token.jweHint")}
          checked={jwe}
          onChange={(event) => setJwe(event.currentTarget.checked)}
        />
        <CheckToken algorithm={algorithm} secret={secret} placeholder={PLACEHOLDER} />
      </Stack>
      <Encoded
        token={made.token}
        algorithm={algorithm}
        appId={appId ?? PLACEHOLDER}
        botId={given.botId ?? "st-YOUR-APP-ID"}
      />
    </div>
  );
}

interface Made {
  token?: string;
  problem?: TextKey;
  noKeys?: boolean;
}

/** The token of what is typed, made anew on each change. */
function useToken(alg: Algorithm, payload: string | undefined, secret: string, jwe: boolean): Made {
  const [made, setMade] = useState<Made>({});
  useEffect(() => {
    let current = true;
    const tell = (next: Made) => current && setMade(next);
    if (payload === undefined || secret === "") tell({});
    else if (secret === HINT) tell({ problem: "token.hintTyped" });
    else {
      make(alg, payload, secret, jwe).then(tell, (error: unknown) =>
        tell({ problem: error instanceof KeyProblem ? (error.message as TextKey) : "token.unsupported" }),
      );
    }
    return () => {
      current = false;
    };
  }, [alg, payload, secret, jwe]);
  return made;
}

async function make(alg: Algorithm, payload: string, secret: string, jwe: boolean): Promise<Made> {
  const token = await sign(alg, payload, secret);
  if (!jwe) return { token };
  try {
    const answer = await fetch("/.well-known/jwks.json", { credentials: "omit" });
    const key = encryptionKey(((await answer.json()) as { keys: JsonWebKey[] }).keys);
    if (!key) return { noKeys: true };
    return { token: await encrypt(token, key) };
  } catch {
    return { noKeys: true };
  }
}

function Quick({ add }: { add: (more: Record<string, unknown>) => void }) {
  const now = () => Math.floor(Date.now() / 1000);
  const buttons: [TextKey, () => Record<string, unknown>][] = [
    ["token.addIat", () => ({ iat: now() })],
    ["token.addExp", () => ({ exp: now() + 300 })],
    ["token.addExpHour", () => ({ exp: now() + 3600 })],
    ["token.addJti", () => ({ jti: crypto.randomUUID() })],
  ];
  return (
    <Group gap="xs">
      {buttons.map(([label, claims]) => (
        <Button key={label} variant="default" size="compact-sm" onClick={() => add(claims())}>
          {t(label)}
        </Button>
      ))}
    </Group>
  );
}

function Warnings({ list, fix }: { list: Warning[]; fix: () => void }) {
  if (list.length === 0) return null;
  return (
    <Alert color="orange" role="status" icon={<IconAlertTriangle aria-hidden />}>
      <List size="sm" listStyleType="none">
        {list.map((warning) => (
          <List.Item key={warning}>
            {t(`token.${warning}`)}{" "}
            {warning === "spelling" && (
              <Anchor component="button" type="button" onClick={fix}>
                {t("token.fix")}
              </Anchor>
            )}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

interface KeyProps {
  algorithm: Algorithm;
  secret: string;
  setSecret: (secret: string) => void;
  problem?: TextKey;
}

function Key({ algorithm, secret, setSecret, problem }: KeyProps) {
  const shared = {
    label: t("token.verify"),
    value: secret,
    autoComplete: "off",
    spellCheck: false,
    error: problem ? t(problem) : undefined,
  };
  return isSymmetric(algorithm) ? (
    <PasswordInput
      {...shared}
      description={t("token.secretHint")}
      placeholder={HINT}
      onChange={(event) => setSecret(event.currentTarget.value)}
    />
  ) : (
    <Textarea
      {...shared}
      description={t("token.keyHint")}
      placeholder={KEY_HINT}
      autosize
      minRows={4}
      maxRows={10}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
      onChange={(event) => setSecret(event.currentTarget.value)}
    />
  );
}

interface EncodedProps {
  token?: string;
  algorithm: Algorithm;
  appId: string;
  botId: string;
}

function Encoded({ token, algorithm, appId, botId }: EncodedProps) {
  const [copied, setCopied] = useState(false);
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const copy = async () => {
    if (!token) return;
    await toClipboard(token);
    setCopied(true);
    announce(t("common.copied"));
    timer.current = window.setTimeout(() => setCopied(false), 2_000);
  };
  const call = { origin: window.location.origin, botId, appId, algorithm, token: token ?? "<token>" };
  return (
    <Stack>
      <Title order={2}>{t("token.encoded")}</Title>
      <div className="card token-text mono" data-testid="token" tabIndex={0} role="region" aria-label={t("token.encoded")}>
        {token ? <Parts token={token} /> : <Text c="dimmed">{t("token.missing")}</Text>}
      </div>
      <Group>
        <Button
          disabled={!token}
          onClick={() => void copy()}
          leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
        >
          {t("token.copy")}
        </Button>
        <Group gap={6}>
          <IconLock size={16} aria-hidden />
          <Text size="xs" c="dimmed">
            {t("token.local")}
          </Text>
        </Group>
      </Group>
      <Title order={2}>{t("token.snippets")}</Title>
      <Tabs defaultValue="curl" keepMounted={false}>
        <Tabs.List aria-label={t("token.snippets")}>
          <Tabs.Tab value="curl">{t("token.curl")}</Tabs.Tab>
          <Tabs.Tab value="python">{t("token.python")}</Tabs.Tab>
          <Tabs.Tab value="node">{t("token.node")}</Tabs.Tab>
        </Tabs.List>
        {([["curl", curl(call)], ["python", python(call)], ["node", node(call)]] as const).map(
          ([name, text]) => (
            <Tabs.Panel key={name} value={name} pt="xs">
              <div className="card snippet">
                <pre className="mono" tabIndex={0} role="region" aria-label={name}>
                  {text}
                </pre>
                <Copy value={text} name={name} />
              </div>
            </Tabs.Panel>
          ),
        )}
      </Tabs>
      <Text size="xs" c="dimmed">
        {t("token.snippetHint")}
      </Text>
    </Stack>
  );
}

/** The parts of a token, told apart by colour and by name. */
function Parts({ token }: { token: string }) {
  const parts = token.split(".");
  const names: TextKey[] = ["token.partHeader", "token.partPayload", "token.partSignature"];
  return (
    <>
      {parts.map((part, i) => (
        <span key={i}>
          {i > 0 && DOT}
          <span data-part={parts.length === 3 ? i : 3} title={names[i] && parts.length === 3 ? t(names[i]) : undefined}>
            {part}
          </span>
        </span>
      ))}
    </>
  );
}
