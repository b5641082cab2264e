import { Alert, Button, Checkbox, Group, Modal, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";
import { api, ApiError, take } from "../api/client";
import type { App } from "../api/types";
import { t } from "../strings";
import { nameError, refreshApps } from "./appDialogs";
import { Fact } from "./Fact";
import { Failure } from "./Failure";
import { isSymmetric, type Algorithm } from "./jwt";
import { Secret } from "./Secret";

interface Props {
  botId: string;
  /** Names that are taken. */
  others: string[];
  cancel: () => void;
  done: (app: App) => void;
}

/** Create JWT App: a form, then the result with the credentials. */
export function CreateApp({ botId, others, cancel, done }: Props) {
  const [created, setCreated] = useState<{ app: App; clientSecret: string }>();
  const [touched, setTouched] = useState(false);
  const [asking, setAsking] = useState(false);
  // Once the app exists, closing is the same as Done.
  const close = () => {
    if (created) done(created.app);
    else if (touched && !asking) setAsking(true);
    else cancel();
  };
  return (
    <Modal
      opened
      onClose={close}
      title={t("createApp.title")}
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {created ? (
        <Result created={created} done={() => done(created.app)} />
      ) : (
        <Form
          botId={botId}
          others={others}
          touched={() => setTouched(true)}
          cancel={close}
          created={setCreated}
        />
      )}
      {asking && (
        <Alert color="orange" mt="md" title={t("common.unsavedTitle")} role="alert">
          <Stack gap="sm">
            <Text>{t("common.unsavedText")}</Text>
            <Group>
              <Button onClick={() => setAsking(false)} autoFocus>
                {t("common.stay")}
              </Button>
              <Button variant="default" onClick={cancel}>
                {t("common.discard")}
              </Button>
            </Group>
          </Stack>
        </Alert>
      )}
    </Modal>
  );
}

/** The documented algorithms first. */
const algorithms: { group: string; items: Algorithm[] }[] = [
  { group: t("createApp.usual"), items: ["HS256", "HS512", "RS256", "RS512"] },
  { group: t("createApp.more"), items: ["HS384", "RS384", "PS256", "ES256", "ES384", "EdDSA"] },
];

/** A private key must never leave the browser. */
export function keyError(text: string): string | null {
  if (!text.trim()) return t("common.required");
  const secret = /PRIVATE KEY/.test(text) || /"(d|k)"\s*:/.test(text);
  return secret ? t("createApp.keyPrivate") : null;
}

interface FormProps {
  botId: string;
  others: string[];
  touched: () => void;
  cancel: () => void;
  created: (created: { app: App; clientSecret: string }) => void;
}

function Form({ botId, others, touched, cancel, created }: FormProps) {
  const [name, setName] = useState("");
  const [algorithm, setAlgorithm] = useState<Algorithm>("HS256");
  const [publicKey, setPublicKey] = useState("");
  const [keyProblem, setKeyProblem] = useState<string | null>(null);
  const [jti, setJti] = useState(false);
  const [jwe, setJwe] = useState(false);
  const withKey = !isSymmetric(algorithm);
  const [nameProblem, setNameProblem] = useState<string | null>(null);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    const problem = nameError(name, others);
    setNameProblem(problem);
    if (problem) {
      document.getElementById("app-name")?.focus();
      return;
    }
    const wrongKey = withKey ? keyError(publicKey) : null;
    setKeyProblem(wrongKey);
    if (wrongKey) {
      document.getElementById("app-key")?.focus();
      return;
    }
    if (busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const answer = await take(
        api.POST("/apps", {
          body: {
            name: name.trim(),
            kind: "platform",
            algorithm,
            enforceJti: jti,
            enforceJwe: jwe,
            botId,
            ...(withKey ? { publicKey: publicKey.trim() } : {}),
          },
        }),
      );
      void refreshApps();
      created(answer);
    } catch (reason) {
      const field = (name: string) => (reason instanceof ApiError ? reason.field(name) : undefined);
      const [wrongName, refusedKey] = [field("name"), field("publicKey")];
      if (wrongName) setNameProblem(wrongName);
      if (refusedKey) setKeyProblem(refusedKey);
      if (!wrongName && !refusedKey) setError(reason);
      setBusy(false);
    }
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack>
        <TextInput
          id="app-name"
          label={t("createApp.name")}
          required
          data-autofocus
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
            touched();
          }}
          onBlur={() => name && setNameProblem(nameError(name, others))}
          error={nameProblem}
        />
        <Select
          label={t("createApp.algorithm")}
          description={withKey ? t("createApp.algorithmKey") : t("createApp.algorithmHint")}
          data={algorithms}
          value={algorithm}
          onChange={(value) => {
            setAlgorithm(value as Algorithm);
            setKeyProblem(null);
            touched();
          }}
          allowDeselect={false}
          comboboxProps={{ zIndex: 300 }}
        />
        {withKey && (
          <Textarea
            id="app-key"
            label={t("createApp.publicKey")}
            description={t("createApp.publicKeyHint")}
            required
            autosize
            minRows={4}
            maxRows={10}
            spellCheck={false}
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
            value={publicKey}
            onChange={(event) => {
              setPublicKey(event.currentTarget.value);
              touched();
            }}
            onBlur={() => publicKey && setKeyProblem(keyError(publicKey))}
            error={keyProblem}
          />
        )}
        <Checkbox
          label={t("createApp.jti")}
          description={t("createApp.jtiHint")}
          checked={jti}
          onChange={(event) => {
            setJti(event.currentTarget.checked);
            touched();
          }}
        />
        <Checkbox
          label={t("createApp.jwe")}
          description={t("createApp.jweHint")}
          checked={jwe}
          onChange={(event) => {
            setJwe(event.currentTarget.checked);
            touched();
          }}
        />
        {error !== undefined && <Failure error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={cancel}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={busy}>
            {t("createApp.next")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ResultProps {
  created: { app: App; clientSecret: string };
  done: () => void;
}

function Result({ created: { app, clientSecret }, done }: ResultProps) {
  return (
    <Stack>
      <Alert
        color="teal"
        role="status"
        icon={<IconCircleCheck aria-hidden />}
        title={t("createApp.success")}
      >
        {t(clientSecret ? "createApp.successText" : "createApp.successKey")}
      </Alert>
      <dl className="facts">
        <Fact label={t("createApp.name")} value={app.name} />
        <Fact label={t("sdk.clientId")} value={app.clientId} copy={app.clientId} />
        {clientSecret && (
          <Fact
            label={t("sdk.clientSecret")}
            value={<Secret clientId={app.clientId} known={clientSecret} />}
          />
        )}
      </dl>
      <Group justify="flex-end">
        <Button onClick={done} autoFocus>
          {t("createApp.done")}
        </Button>
      </Group>
    </Stack>
  );
}
