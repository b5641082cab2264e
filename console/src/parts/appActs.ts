import { api, take } from "../api/client";
import { appsQuery, client } from "../api/queries";
import type { App } from "../api/types";
import { t } from "../strings";
import type { Algorithm } from "./jwt";
import { failed, succeeded } from "./notify";
import type { PayloadChoice } from "./PayloadKey";

/** What is being done with an app. */
export interface AppAct {
  kind: "edit" | "rotate" | "end" | "agents" | "delete";
  app: App;
}

export const refreshApps = () => client.invalidateQueries({ queryKey: appsQuery.queryKey });

/** What is wrong with an app's name, or null. */
export function nameError(name: string, others: string[]): string | null {
  const trimmed = name.trim();
  if (!trimmed) return t("common.required");
  if ([...trimmed].length > 64) return t("createApp.nameLong");
  if (/\p{Cc}/u.test(trimmed)) return t("createApp.nameControl");
  if (others.some((other) => other.toLowerCase() === trimmed.toLowerCase())) {
    return t("createApp.nameTaken");
  }
  return null;
}

/** Switches an app on or off; takes effect at once. */
export async function setAppState(app: App, state: App["state"]): Promise<void> {
  try {
    const params = { path: { clientId: app.clientId } };
    await take(api.PATCH("/apps/{clientId}", { params, body: { state } }));
    await refreshApps();
    succeeded(t(state === "enabled" ? "sdk.nowEnabled" : "sdk.nowDisabled", { name: app.name }));
  } catch (error) {
    failed(error);
  }
}

/** Whether an app has a secret; others sign with a key of their own. */
export const hasSecret = (app: App): boolean => app.algorithm.startsWith("HS");

/** The documented algorithms first. */
export const algorithms: { group: string; items: Algorithm[] }[] = [
  { group: t("createApp.usual"), items: ["HS256", "HS512", "RS256", "RS512"] },
  { group: t("createApp.more"), items: ["HS384", "RS384", "PS256", "ES256", "ES384", "EdDSA"] },
];

/** A payload key as the body of `POST /apps` names it. */
export function payloadBody({ mode, key }: PayloadChoice): {
  payloadPublicKey?: string;
  payloadSymmetricKey?: string;
} {
  const text = key.trim();
  return mode === "public" ? { payloadPublicKey: text } : { payloadSymmetricKey: text };
}

/** Says which state of an app a change was made on. */
export const seen = (app: App) => ({ "if-match": app.tag });
