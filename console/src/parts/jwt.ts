/** JSON Web Tokens in the browser: everything here runs in WebCrypto, nothing leaves the page. */

export const ALGORITHMS = [
  "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA",
] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

export const isSymmetric = (alg: Algorithm): boolean => alg.startsWith("HS");

/** Why a key cannot be used; the text names a string of the catalogue. */
export class KeyProblem extends Error {}

const encoder = new TextEncoder();

export function base64url(bytes: ArrayBuffer | Uint8Array): string {
  let text = "";
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

const encodeText = (text: string): string => base64url(encoder.encode(text));

interface Params {
  import: RsaHashedImportParams | EcKeyImportParams | HmacImportParams | AlgorithmIdentifier;
  sign: AlgorithmIdentifier | RsaPssParams | EcdsaParams;
}

function params(alg: Algorithm): Params {
  const hash = `SHA-${alg.slice(2)}`;
  switch (alg.slice(0, 2)) {
    case "HS":
      return { import: { name: "HMAC", hash }, sign: "HMAC" };
    case "RS":
      return { import: { name: "RSASSA-PKCS1-v1_5", hash }, sign: "RSASSA-PKCS1-v1_5" };
    case "PS":
      return {
        import: { name: "RSA-PSS", hash },
        sign: { name: "RSA-PSS", saltLength: Number(alg.slice(2)) / 8 },
      };
    case "ES":
      return {
        import: { name: "ECDSA", namedCurve: `P-${alg.slice(2)}` },
        sign: { name: "ECDSA", hash },
      };
    default:
      return { import: "Ed25519", sign: "Ed25519" };
  }
}

function pkcs8(pem: string): ArrayBuffer {
  const body = /-----BEGIN PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END PRIVATE KEY-----/.exec(pem)?.[1];
  if (!body) throw new KeyProblem("token.keyForm");
  const text = atob(body.replace(/\s/g, ""));
  return Uint8Array.from(text, (c) => c.charCodeAt(0)).buffer;
}

async function signingKey(alg: Algorithm, secret: string): Promise<CryptoKey> {
  const algorithm = params(alg).import;
  if (isSymmetric(alg)) {
    return crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  }
  try {
    if (secret.trim().startsWith("{")) {
      const jwk = JSON.parse(secret) as JsonWebKey;
      // What the key says about its use does not bind us to one algorithm name.
      const bare = { ...jwk, alg: undefined, key_ops: undefined, use: undefined, ext: true };
      return await crypto.subtle.importKey("jwk", bare, algorithm, false, ["sign"]);
    }
    return await crypto.subtle.importKey("pkcs8", pkcs8(secret), algorithm, false, ["sign"]);
  } catch (error) {
    if (error instanceof KeyProblem) throw error;
    throw new KeyProblem("token.keyFit");
  }
}

export const header = (alg: Algorithm) => ({ alg, typ: "JWT" });

/** Signs `payload`, which is JSON text and goes in as its value. */
export async function sign(alg: Algorithm, payload: string, secret: string): Promise<string> {
  const key = await signingKey(alg, secret);
  const claims = JSON.stringify(JSON.parse(payload));
  const signed = `${encodeText(JSON.stringify(header(alg)))}.${encodeText(claims)}`;
  const signature = await crypto.subtle.sign(params(alg).sign, key, encoder.encode(signed));
  return `${signed}.${base64url(signature)}`;
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

/** What a token is, as far as it can be read without a key. */
export type Read =
  | { kind: "signed"; header: Record<string, unknown>; claims: Record<string, unknown> }
  | { kind: "encrypted"; header: Record<string, unknown> }
  | { kind: "unreadable" };

/** Takes a token apart; nothing is checked. */
export function readToken(token: string): Read {
  const parts = token.split(".");
  try {
    const [header, claims] = parts.slice(0, 2).map((part, at): Record<string, unknown> => {
      if (at === 1 && parts.length === 5) return {};
      const read = readClaims(new TextDecoder("utf-8", { fatal: true }).decode(bytesOf(part)));
      if ("fault" in read) throw new RangeError("part");
      return read.claims;
    });
    if (parts.length === 5 && header) return { kind: "encrypted", header };
    if (parts.length === 3 && header && claims) return { kind: "signed", header, claims };
  } catch {
    // what cannot be read is said to be so
  }
  return { kind: "unreadable" };
}

/** Whether a token was signed with this secret; for algorithms that have one. */
export async function signatureFits(alg: Algorithm, token: string, secret: string): Promise<boolean> {
  const [header = "", claims = "", signature = ""] = token.split(".");
  try {
    const algorithm = params(alg).import;
    const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["verify"]);
    return await crypto.subtle.verify("HMAC", key, bytesOf(signature), encoder.encode(`${header}.${claims}`));
  } catch {
    return false;
  }
}

/** The key of a key set that takes encrypted tokens. */
export function encryptionKey(keys: JsonWebKey[]): (JsonWebKey & { kid?: string }) | undefined {
  return keys.find((key) => key.kty === "RSA" && (key.use === undefined || key.use === "enc"));
}

/** Wraps a signed token for the platform: RSA-OAEP-256 and A256GCM, compact. */
export async function encrypt(token: string, jwk: JsonWebKey & { kid?: string }): Promise<string> {
  const bare = { kty: jwk.kty, n: jwk.n, e: jwk.e, ext: true };
  const wrap = { name: "RSA-OAEP", hash: "SHA-256" };
  const outer = await crypto.subtle.importKey("jwk", bare, wrap, false, ["encrypt"]);
  const raw = crypto.getRandomValues(new Uint8Array(32));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const content = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt"]);
  const kid = jwk.kid === undefined ? {} : { kid: jwk.kid };
  const head = encodeText(
    JSON.stringify({ alg: "RSA-OAEP-256", enc: "A256GCM", cty: "JWT", typ: "JWT", ...kid }),
  );
  const wrapped = await crypto.subtle.encrypt(wrap, outer, raw);
  raw.fill(0);
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt(
      { name: "AES-GCM", iv, additionalData: encoder.encode(head) },
      content,
      encoder.encode(token),
    ),
  );
  const cut = sealed.length - 16;
  const parts = [wrapped, iv, sealed.slice(0, cut), sealed.slice(cut)];
  return [head, ...parts.map(base64url)].join(".");
}

/** Where JSON text goes wrong. */
export interface JsonFault {
  line: number;
  column: number;
}

/** The claims of a payload, or where the text is wrong. */
export function readClaims(text: string): { claims: Record<string, unknown> } | { fault: JsonFault } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return { claims: value as Record<string, unknown> };
    }
    return { fault: { line: 1, column: 1 } };
  } catch {
    return { fault: faultOf(text) };
  }
}

function faultOf(text: string): JsonFault {
  const before = text.slice(0, faultAt(text)).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/y;
const SCALAR = new RegExp(
  `${STRING.source}|-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|true|false|null`,
  "y",
);

/** Where reading stops: browsers do not say it. */
function faultAt(text: string): number {
  let at = 0;
  const blank = () => {
    while (/[ \t\r\n]/.test(text[at] ?? "")) at++;
    return text[at];
  };
  const take = (form: RegExp): boolean => {
    form.lastIndex = at;
    const found = form.test(text);
    if (found) at = form.lastIndex;
    return found;
  };
  const value = (): boolean => {
    const open = blank();
    if (open !== "{" && open !== "[") return take(SCALAR);
    const close = open === "{" ? "}" : "]";
    for (let more = false; ; more = true) {
      at++;
      if (!more && blank() === close) break;
      if (open === "{") {
        blank();
        if (!take(STRING) || blank() !== ":") return false;
        at++;
      }
      if (!value()) return false;
      const next = blank();
      if (next === close) break;
      if (next !== ",") return false;
    }
    at++;
    return true;
  };
  value();
  blank();
  return at;
}

export type Warning = "placeholder" | "spelling" | "noApp" | "jtiNoExp" | "jtiFar" | "expired";

const MISSPELT = ["appid", "AppId", "App ID", "app ID", "appID", "AppID"];

/** What the platform will refuse about these claims. */
export function warnings(claims: Record<string, unknown>, placeholder: string): Warning[] {
  const found: Warning[] = [];
  if (claims.appId === placeholder) found.push("placeholder");
  if (claims.appId === undefined) found.push(MISSPELT.some((name) => name in claims) ? "spelling" : "noApp");
  const now = Date.now() / 1000;
  const exp = typeof claims.exp === "number" ? claims.exp : undefined;
  if (exp !== undefined && exp < now) found.push("expired");
  if (claims.jti !== undefined) {
    if (exp === undefined) found.push("jtiNoExp");
    else if (exp > now + 3600) found.push("jtiFar");
  }
  return found;
}

/** The claims with the client id under its documented name. */
export function mend(claims: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [MISSPELT.includes(name) ? "appId" : name, value]),
  );
}
