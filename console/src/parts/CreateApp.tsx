import { Alert, Button, Checkbox, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";
import { api, ApiError, take } from "../api/client";
import type { App } from "../api/types";
import { t } from "../strings";
import { algorithms, nameError, payloadBody, refreshApps } from "./appActs";
import { Fact } from "./Fact";
import { Failure } from "./Failure";
import { useReturnFocus } from "./focus";
import { isSymmetric, type Algorithm } from "./jwt";
import { keyError, KeyField } from "./KeyField";
import { payloadError, PayloadKey, TryPayload, type PayloadChoice } from "./PayloadKey";
import { PlatformKey } from "./PlatformKey";
import { Secret } from "./Secret";

interface Props {
  /** The agent to link the new app to; without one it is an admin app, or a data app. */
  botId?: string;
  kind?: "data";
  /** Names that are taken. */
  others: string[];
  cancel: () => void;
  done: (app: App) => void;
}

/** The app, its secret, and the private half of a payload key that was made in this page. */
interface Created {
  app: App;
  clientSecret: string;
  privatePem?: string;
}

/** Create JWT App: a form, then the result with the credentials. */
export function CreateApp({ botId, kind, others, cancel, done }: Props) {
  useReturnFocus();
  const [created, setCreated] = useState<Created>();
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
      title={t(botId ? "createApp.title" : "adminScopes.newApp")}
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {created ? (
        <Result created={created} done={() => done(created.app)} />
      ) : (
        <Form
          botId={botId}
          kind={kind}
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

interface FormProps {
  botId?: string;
  kind?: "data";
  others: string[];
  touched: () => void;
  cancel: () => void;
  created: (created: Created) => void;
}

function Form({ botId, kind, others, touched, cancel, created }: FormProps) {
  const [name, setName] = useState("");
  const [algorithm, setAlgorithm] = useState<Algorithm>("HS256");
  const [publicKey, setPublicKey] = useState("");
  const [keyProblem, setKeyProblem] = useState<string | null>(null);
  const [jti, setJti] = useState(false);
  const [jwe, setJwe] = useState(false);
  const [payload, setPayload] = useState<PayloadChoice>();
  const [payloadProblem, setPayloadProblem] = useState<string | null>(null);
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
    const wrongPayload = payload ? payloadError(payload) : null;
    setPayloadProblem(wrongPayload);
    if (wrongPayload) {
      document.getElementById("payload-key")?.focus();
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
            kind: kind ?? (botId ? "platform" : "admin"),
            algorithm,
            enforceJti: jti,
            enforceJwe: jwe,
            ...(botId ? { botId } : {}),
            ...(payload ? payloadBody(payload) : {}),
            ...(withKey ? { publicKey: publicKey.trim() } : {}),
          },
        }),
      );
      void refreshApps();
      created({ ...answer, privatePem: payload?.privatePem });
    } catch (reason) {
      const field = (name: string) => (reason instanceof ApiError ? reason.field(name) : undefined);
      const [wrongName, refusedKey] = [field("name"), field("publicKey")];
      const refusedPayload = field("payloadPublicKey") ?? field("payloadSymmetricKey");
      if (wrongName) setNameProblem(wrongName);
      if (refusedKey) setKeyProblem(refusedKey);
      if (refusedPayload) setPayloadProblem(refusedPayload);
      if (!wrongName && !refusedKey && !refusedPayload) setError(reason);
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
          label={t(kind === "data" ? "dataApps.appName" : "createApp.name")}
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
          <KeyField
            id="app-key"
            label={t("createApp.publicKey")}
            description={t("createApp.publicKeyHint")}
            value={publicKey}
            change={(text) => {
              setPublicKey(text);
              touched();
            }}
            error={keyProblem}
            setError={setKeyProblem}
          />
        )}
        <Checkbox
          label={t(botId ? "createApp.jti" : "sdk.enforceJti")}
          description={t("createApp.jtiHint")}
          checked={jti}
          onChange={(event) => {
            setJti(event.currentTarget.checked);
            touched();
          }}
        />
        <Checkbox
          label={t(botId ? "createApp.jwe" : "adminScopes.jwe")}
          description={t("createApp.jweHint")}
          checked={jwe}
          onChange={(event) => {
            setJwe(event.currentTarget.checked);
            touched();
          }}
        />
        {kind !== "data" && (
          <Checkbox
            label={t("createApp.payload")}
            description={t("createApp.payloadHint")}
            checked={payload !== undefined}
            onChange={(event) => {
              // Unticking forgets the key that was typed.
              setPayload(event.currentTarget.checked ? { mode: "public", key: "" } : undefined);
              setPayloadProblem(null);
              touched();
            }}
          />
        )}
        {payload && (
          <PayloadKey
            admin={!botId}
            value={payload}
            change={(next) => {
              setPayload(next);
              setPayloadProblem(null);
            }}
            error={payloadProblem}
            setError={setPayloadProblem}
          />
        )}
        {error !== undefined && <Failure error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={cancel}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={busy}>
            {t(botId ? "createApp.next" : "common.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ResultProps {
  created: Created;
  done: () => void;
}

function Result({ created: { app, clientSecret, privatePem }, done }: ResultProps) {
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
      {app.enforceJwe && <PlatformKey label={t("sdk.platformKey")} />}
      {app.payload !== "off" && <TryPayload clientId={app.clientId} privatePem={privatePem} />}
      <Group justify="flex-end">
        <Button onClick={done} autoFocus>
          {t("createApp.done")}
        </Button>
      </Group>
    </Stack>
  );
}
