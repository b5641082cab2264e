import { Alert, Button, Checkbox, Group, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useState } from "react";
import { api, ApiError, take } from "../api/client";
import type { App } from "../api/types";
import { t } from "../strings";
import { algorithms, nameError, payloadBody, refreshApps, seen } from "./appActs";
import { Fact } from "./Fact";
import { Failure } from "./Failure";
import { isSymmetric, type Algorithm } from "./jwt";
import { keyError, KeyField } from "./KeyField";
import { Leaving } from "./Leaving";
import { succeeded } from "./notify";
import { Operations, payloadError, PayloadKey, TryPayload, type PayloadChoice } from "./PayloadKey";
import { Secret } from "./Secret";
import { useProof } from "./StepUp";
import { when } from "./time";

/** What is typed; what equals the app's own is not sent. */
interface Wish {
  name: string;
  algorithm: Algorithm;
  publicKey: string;
  jti: boolean;
  jwe: boolean;
  /** Payloads in clear are refused. */
  enforce: boolean;
  /** A payload key in place of the one there. */
  payload?: PayloadChoice;
  /** The payload key goes. */
  dropKey: boolean;
}

const wishOf = (app: App): Wish => ({
  name: app.name,
  algorithm: app.algorithm as Algorithm,
  publicKey: "",
  jti: app.enforceJti,
  jwe: app.enforceJwe,
  enforce: app.enforcePayload,
  dropKey: false,
});

const family = (algorithm: string): string => (/^[RP]S/.test(algorithm) ? "RSA" : algorithm);

/** A change of the algorithm that the key of now does not fit. */
const needsKey = (app: App, { algorithm }: Wish): boolean =>
  !isSymmetric(algorithm) && family(algorithm) !== family(app.algorithm);

/** What calls made the old way no longer pass. */
const tightens = (app: App, wish: Wish): boolean =>
  (wish.jti && !app.enforceJti) ||
  (wish.jwe && !app.enforceJwe) ||
  (wish.enforce && !app.enforcePayload) ||
  wish.algorithm !== app.algorithm ||
  wish.payload !== undefined ||
  wish.dropKey;

interface Props {
  app: App;
  others: string[];
  close: () => void;
}

/** Every setting of an app but its kind and client id. */
export function EditApp({ app: given, others, close }: Props) {
  const [app, setApp] = useState(given);
  const [wish, setWish] = useState(() => wishOf(app));
  const [made, setMade] = useState<string>();
  const [asking, setAsking] = useState(false);
  const changed = JSON.stringify(wish) !== JSON.stringify(wishOf(app));
  const leave = () => (changed && made === undefined ? setAsking(true) : close());
  return (
    <>
      <Modal
        opened
        onClose={leave}
        title={t(app.kind === "platform" ? "editApp.title" : "editApp.titlePlain")}
        size="lg"
        zIndex={250}
        closeOnClickOutside={false}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {made === undefined ? (
          <Form
            app={app}
            reload={(fresh) => {
              setApp(fresh);
              setWish(wishOf(fresh));
            }}
            others={others.filter((other) => other !== app.name)}
            wish={wish}
            set={(part) => setWish((before) => ({ ...before, ...part }))}
            cancel={leave}
            done={(secret) => (secret ? setMade(secret) : close())}
          />
        ) : (
          <Stack>
            <Text>{t("editApp.newSecret", { name: app.name })}</Text>
            <Group gap="xs">
              <Secret clientId={app.clientId} known={made} />
            </Group>
            <Group justify="flex-end">
              <Button onClick={close}>{t("createApp.done")}</Button>
            </Group>
          </Stack>
        )}
      </Modal>
      {asking && <Leaving stay={() => setAsking(false)} discard={close} zIndex={300} />}
    </>
  );
}

interface FormProps {
  app: App;
  /** Begins anew with the app as it is now. */
  reload: (app: App) => void;
  others: string[];
  wish: Wish;
  set: (part: Partial<Wish>) => void;
  cancel: () => void;
  /** With the secret that the change made, if one was made. */
  done: (secret: string) => void;
}

interface Problems {
  name: string | null;
  publicKey: string | null;
  payload: string | null;
}

const FIELDS = { name: "edit-name", publicKey: "edit-key", payload: "payload-key" } as const;

function Form({ app, reload, others, wish, set, cancel, done }: FormProps) {
  const [problems, setProblems] = useState<Problems>({ name: null, publicKey: null, payload: null });
  const [understood, setUnderstood] = useState(false);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  /** Who changed the app meanwhile, and when. */
  const [stale, setStale] = useState<string>();
  const withProof = useProof();
  const strict = tightens(app, wish);
  const put = (part: Partial<Problems>) => setProblems((before) => ({ ...before, ...part }));
  const submit = async () => {
    const asked = wish.publicKey.trim() || needsKey(app, wish);
    const found: Problems = {
      name: nameError(wish.name, others),
      publicKey: !isSymmetric(wish.algorithm) && asked ? keyError(wish.publicKey) : null,
      payload: wish.payload ? payloadError(wish.payload) : null,
    };
    setProblems(found);
    const first = (Object.keys(FIELDS) as (keyof Problems)[]).find((name) => found[name]);
    if (first) document.getElementById(FIELDS[first])?.focus();
    if (first || busy || (strict && !understood)) return;
    setBusy(true);
    setError(undefined);
    setStale(undefined);
    try {
      const secret = await withProof(() => save(app, wish));
      if (secret === undefined) return;
      succeeded(t("sdk.saved", { name: wish.name.trim() }));
      done(secret);
    } catch (reason) {
      if (reason instanceof ApiError && reason.status === 412) {
        setStale(reason.message);
        return;
      }
      const field = (name: string) => (reason instanceof ApiError ? (reason.field(name) ?? null) : null);
      const refused = reason instanceof Refused ? reason : undefined;
      const told: Problems = refused
        ? { name: null, publicKey: null, payload: refused.message }
        : { name: field("name"), publicKey: field("publicKey") ?? field("algorithm"), payload: null };
      setProblems(told);
      if (!told.name && !told.publicKey && !told.payload) setError(reason);
    } finally {
      await refreshApps();
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
          id={FIELDS.name}
          label={t("createApp.name")}
          required
          data-autofocus
          value={wish.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          onBlur={() => put({ name: nameError(wish.name, others) })}
          error={problems.name}
        />
        <dl className="facts">
          <Fact label={t("sdk.clientId")} value={app.clientId} copy={app.clientId} />
        </dl>
        <Select
          label={t("createApp.algorithm")}
          description={t(isSymmetric(wish.algorithm) ? "editApp.algorithmSecret" : "createApp.algorithmKey")}
          data={algorithms}
          value={wish.algorithm}
          onChange={(value) => set({ algorithm: value as Algorithm })}
          allowDeselect={false}
          comboboxProps={{ zIndex: 300 }}
        />
        {!isSymmetric(wish.algorithm) && wish.algorithm !== app.algorithm && (
          <KeyField
            id={FIELDS.publicKey}
            label={t("createApp.publicKey")}
            description={t(needsKey(app, wish) ? "createApp.publicKeyHint" : "editApp.keepKey")}
            optional={!needsKey(app, wish)}
            value={wish.publicKey}
            change={(publicKey) => set({ publicKey })}
            error={problems.publicKey}
            setError={(publicKey) => put({ publicKey })}
          />
        )}
        <Checkbox
          label={t("createApp.jti")}
          description={t("createApp.jtiHint")}
          checked={wish.jti}
          onChange={(event) => set({ jti: event.currentTarget.checked })}
        />
        <Checkbox
          label={t("createApp.jwe")}
          description={t("createApp.jweHint")}
          checked={wish.jwe}
          onChange={(event) => set({ jwe: event.currentTarget.checked })}
        />
        {app.kind !== "data" && (
          <PayloadPart
            app={app}
            wish={wish}
            set={set}
            error={problems.payload}
            setError={(payload) => put({ payload })}
          />
        )}
        {strict && (
          <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} title={t("editApp.warning")}>
            <Checkbox
              label={t("editApp.understood")}
              checked={understood}
              onChange={(event) => setUnderstood(event.currentTarget.checked)}
            />
          </Alert>
        )}
        {error !== undefined && <Failure error={error} />}
        {stale !== undefined && (
          <Stale
            app={app}
            text={stale}
            load={(fresh) => {
              setStale(undefined);
              reload(fresh);
            }}
            keep={() => setStale(undefined)}
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={cancel}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={busy} disabled={strict && !understood}>
            {t("common.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface StaleProps {
  app: App;
  text: string;
  load: (app: App) => void;
  keep: () => void;
}

/** Somebody else changed the app meanwhile: nothing of theirs is overwritten unseen. */
function Stale({ app, text, load, keep }: StaleProps) {
  const [error, setError] = useState<unknown>();
  const fetch = async () => {
    try {
      load(await take(api.GET("/apps/{clientId}", { params: { path: { clientId: app.clientId } } })));
    } catch (reason) {
      setError(reason);
    }
  };
  return (
    <Alert color="orange" role="alert" icon={<IconAlertTriangle aria-hidden />} title={text}>
      <Group gap="xs">
        <Button size="compact-sm" variant="default" onClick={() => void fetch()}>
          {t("common.loadTheirs")}
        </Button>
        <Button size="compact-sm" variant="default" onClick={keep}>
          {t("common.keepEditing")}
        </Button>
      </Group>
      {error !== undefined && <Failure error={error} />}
    </Alert>
  );
}

/** The payload key was refused: its fields have other names than those of the app. */
class Refused extends Error {}

/** Sends what differs; answers the secret that was made, or nothing. Each step is made on the state that the one before left. */
async function save(before: App, wish: Wish): Promise<string> {
  let app = before;
  const path = { clientId: app.clientId };
  const name = wish.name.trim();
  if (name !== app.name || wish.jti !== app.enforceJti || wish.jwe !== app.enforceJwe) {
    const body = { name, enforceJti: wish.jti, enforceJwe: wish.jwe };
    app = await take(api.PATCH("/apps/{clientId}", { params: { path, header: seen(app) }, body }));
  }
  let secret = "";
  if (wish.algorithm !== app.algorithm) {
    const made = await saveKey(app, wish);
    secret = made.clientSecret;
    app = made.app;
  }
  if (wish.dropKey) {
    await take(api.DELETE("/apps/{clientId}/payload-key", { params: { path, header: seen(app) } }));
  } else if (wish.payload || wish.enforce !== app.enforcePayload) {
    const given = wish.payload && payloadBody(wish.payload);
    const body = {
      enforce: wish.enforce,
      ...(given?.payloadPublicKey ? { publicKey: given.payloadPublicKey } : {}),
      ...(given?.payloadSymmetricKey ? { symmetricKey: given.payloadSymmetricKey } : {}),
    };
    try {
      const params = { path, header: seen(app) };
      await take(api.PUT("/apps/{clientId}/payload-key", { params, body }));
    } catch (reason) {
      const said = reason instanceof ApiError && (reason.field("publicKey") ?? reason.field("symmetricKey"));
      throw said ? new Refused(said) : reason;
    }
  }
  return secret;
}

function saveKey(app: App, { algorithm, publicKey }: Wish) {
  const params = { path: { clientId: app.clientId }, header: seen(app) };
  const key = isSymmetric(algorithm) ? "" : publicKey.trim();
  const body = { algorithm, graceHours: 0, ...(key ? { publicKey: key } : {}) };
  return take(api.POST("/apps/{clientId}/key", { params, body }));
}

interface PartProps {
  app: App;
  wish: Wish;
  set: (part: Partial<Wish>) => void;
  error: string | null;
  setError: (error: string | null) => void;
}

/** The switch of encrypted payloads and its key. */
function PayloadPart({ app, wish, set, error, setError }: PartProps) {
  const has = app.payload !== "off" && !wish.dropKey;
  const tick = (on: boolean) => {
    setError(null);
    // Unticking forgets the key that was typed.
    set({ enforce: on, payload: on && !has ? { mode: "public", key: "" } : undefined });
  };
  return (
    <>
      <Checkbox
        label={t("createApp.payload")}
        description={t("createApp.payloadHint")}
        checked={wish.enforce}
        onChange={(event) => tick(event.currentTarget.checked)}
      />
      {wish.payload ? (
        <PayloadKey
          admin={app.kind === "admin"}
          value={wish.payload}
          change={(payload) => {
            set({ payload });
            setError(null);
          }}
          error={error}
          setError={setError}
        />
      ) : (
        has && (
          <Stack className="card">
            <Text size="sm" data-testid="payload-set" style={{ overflowWrap: "anywhere" }}>
              {t(app.payload === "symmetric" ? "payload.setSymmetric" : "payload.setPublic", {
                time: when(app.payloadSetAt),
                print: app.payloadPrint ?? "",
              })}
            </Text>
            <Group gap="xs">
              <Button
                variant="default"
                onClick={() =>
                  set({ payload: { mode: app.payload === "symmetric" ? "symmetric" : "public", key: "" } })
                }
              >
                {t("payload.replace")}
              </Button>
              <Button variant="default" onClick={() => set({ dropKey: true, enforce: false, payload: undefined })}>
                {t("payload.drop")}
              </Button>
            </Group>
            <Operations admin={app.kind === "admin"} />
            <TryPayload clientId={app.clientId} />
          </Stack>
        )
      )}
      {wish.dropKey && <Text size="sm">{t("payload.dropped")}</Text>}
    </>
  );
}
