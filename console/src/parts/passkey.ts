/** Passkeys: what the browser's own calls take and give, as the server reads it. */
import { api, take } from "../api/client";
import { base64url } from "./jwt";

const bytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

/** Whether this browser has passkeys at all: only over TLS or on the machine itself, under a host name. */
export const hasPasskeys = (): boolean =>
  window.isSecureContext &&
  typeof PublicKeyCredential === "function" &&
  !/^\[|^\d+\.\d+\.\d+\.\d+$/.test(window.location.hostname);

/** The person closed the browser's dialog, or had nothing to choose there. */
export const wasLeft = (error: unknown): boolean =>
  error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "AbortError");

/** The browser knows a passkey of this account already. */
export const isKnown = (error: unknown): boolean =>
  error instanceof DOMException && error.name === "InvalidStateError";

/** Asks the person for a passkey; what comes back signs in, or proves who is there. */
export async function askPasskey() {
  const { challenge, rpId, timeout } = await take(api.POST("/session/passkey/challenge"));
  const found = await navigator.credentials.get({
    publicKey: { challenge: bytes(challenge), rpId, timeout, userVerification: "required" },
  });
  if (!(found instanceof PublicKeyCredential)) throw new DOMException("", "NotAllowedError");
  const response = found.response as AuthenticatorAssertionResponse;
  return {
    id: found.id,
    clientData: base64url(response.clientDataJSON),
    authenticatorData: base64url(response.authenticatorData),
    signature: base64url(response.signature),
  };
}

/** ES256, EdDSA, RS256. */
const KINDS = [-7, -8, -257];

/** Makes a passkey in the browser or on a device, and adds it. */
export async function addPasskey(name: string): Promise<void> {
  const options = await take(api.POST("/session/passkeys/options"));
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: bytes(options.challenge),
      timeout: options.timeout,
      rp: { id: options.rpId, name: "Ombud" },
      user: {
        id: bytes(options.userHandle),
        name: options.userName,
        displayName: options.userDisplayName || options.userName,
      },
      pubKeyCredParams: KINDS.map((alg) => ({ type: "public-key" as const, alg })),
      excludeCredentials: options.exclude.map((id) => ({ type: "public-key" as const, id: bytes(id) })),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      attestation: "none",
    },
  });
  if (!(made instanceof PublicKeyCredential)) throw new DOMException("", "NotAllowedError");
  const response = made.response as AuthenticatorAttestationResponse;
  const key = response.getPublicKey();
  if (!key) throw new DOMException("", "NotSupportedError");
  const body = {
    name,
    clientData: base64url(response.clientDataJSON),
    authenticatorData: base64url(response.getAuthenticatorData()),
    publicKey: base64url(key),
  };
  await take(api.POST("/session/passkeys", { body }));
}
