/** Public keys in the browser: what somebody pasted is read here first, and key pairs are made here. */
import { base64url } from "./jwt";

/** What is shown of a public key. */
export interface KeyFacts {
  /** `RSA`, `EC` or `OKP`, as in a JWK. */
  kty: string;
  /** Bits of an RSA key, else the curve. */
  size: string;
  /** RFC 7638, SHA-256. */
  thumbprint: string;
}

/** The text is no key that can be read; `tried` names the form that was tried. */
export class UnreadableKey extends Error {
  readonly tried: "pem" | "certificate" | "jwk";
  constructor(tried: UnreadableKey["tried"]) {
    super(tried);
    this.tried = tried;
  }
}

/** Whether a text holds a key that must not leave the browser. */
export const isPrivate = (text: string): boolean =>
  /PRIVATE KEY/.test(text) || /"(d|k|p|q|dp|dq|qi|oth)"\s*:/.test(text);

/** One element of DER: its tag, where its content begins and ends. */
interface Element {
  tag: number;
  from: number;
  to: number;
}

function element(bytes: Uint8Array, at: number): Element {
  const tag = bytes[at];
  let length = bytes[at + 1];
  let from = at + 2;
  if (tag === undefined || length === undefined) throw new RangeError("cut off");
  if (length & 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 4) throw new RangeError("length");
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + (bytes[from + i] ?? Number.NaN);
    from += count;
  }
  if (!(from + length <= bytes.length)) throw new RangeError("cut off");
  return { tag, from, to: from + length };
}

function children(bytes: Uint8Array, { from, to }: Element): Element[] {
  const found: Element[] = [];
  for (let at = from; at < to; at = found.at(-1)!.to) found.push(element(bytes, at));
  return found;
}

/** The subject's public key of a certificate, itself DER. */
function keyOfCertificate(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const [body] = children(bytes, element(bytes, 0));
  if (!body) throw new RangeError("empty");
  const fields = children(bytes, body);
  // The version is optional and tagged; the key is the sixth field after it.
  const key = fields[fields[0]?.tag === 0xa0 ? 6 : 5];
  if (!key || key.tag !== 0x30) throw new RangeError("key");
  const start = fields[fields.indexOf(key) - 1]!.to;
  return bytes.slice(start, key.to);
}

/** Object identifiers of key types and curves, as bytes in hex. */
const KINDS: Record<string, RsaHashedImportParams | EcKeyImportParams | AlgorithmIdentifier> = {
  "2a864886f70d010101": { name: "RSA-OAEP", hash: "SHA-256" },
  "2a8648ce3d030107": { name: "ECDH", namedCurve: "P-256" },
  "2b81040022": { name: "ECDH", namedCurve: "P-384" },
  "2b6570": "Ed25519",
};

function kindOf(spki: Uint8Array) {
  const [algorithm] = children(spki, element(spki, 0));
  if (!algorithm) throw new RangeError("algorithm");
  for (const { from, to } of children(spki, algorithm)) {
    const hex = [...spki.slice(from, to)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (KINDS[hex]) return KINDS[hex];
  }
  throw new RangeError("kind");
}

function body(pem: string, label: string): Uint8Array<ArrayBuffer> | undefined {
  const found = new RegExp(`-----BEGIN ${label}-----([\\sA-Za-z0-9+/=]+)-----END ${label}-----`).exec(pem);
  if (!found?.[1]) return undefined;
  return Uint8Array.from(atob(found[1].replace(/\s/g, "")), (c) => c.charCodeAt(0));
}

async function toJwk(text: string): Promise<JsonWebKey> {
  const trimmed = text.trim();
  if (trimmed.startsWith("{")) return JSON.parse(trimmed) as JsonWebKey;
  const certificate = body(trimmed, "CERTIFICATE");
  const spki = certificate ? keyOfCertificate(certificate) : body(trimmed, "PUBLIC KEY");
  if (!spki) throw new RangeError("form");
  const key = await crypto.subtle.importKey("spki", spki, kindOf(spki), true, []);
  return crypto.subtle.exportKey("jwk", key);
}

/** The members of a key that its thumbprint is made of, in the order of RFC 7638. */
function members(jwk: JsonWebKey): Record<string, string | undefined> {
  if (jwk.kty === "RSA") return { e: jwk.e, kty: jwk.kty, n: jwk.n };
  if (jwk.kty === "EC") return { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y };
  return { crv: jwk.crv, kty: jwk.kty, x: jwk.x };
}

/** Bits of a number in base64url. */
function bits(n: string): number {
  const bytes = atob(n.replaceAll("-", "+").replaceAll("_", "/"));
  return bytes.length * 8 - Math.clz32(bytes.charCodeAt(0)) + 24;
}

/** Reads a public key in PEM form, a certificate or a JWK. */
export async function readPublicKey(text: string): Promise<KeyFacts> {
  const tried = text.trim().startsWith("{") ? "jwk" : /BEGIN CERTIFICATE/.test(text) ? "certificate" : "pem";
  try {
    const jwk = await toJwk(text);
    const needed = members(jwk);
    if (Object.values(needed).some((value) => typeof value !== "string")) throw new RangeError("member");
    const canonical = new TextEncoder().encode(JSON.stringify(needed));
    const thumbprint = base64url(await crypto.subtle.digest("SHA-256", canonical));
    const size = jwk.kty === "RSA" ? String(bits(jwk.n ?? "")) : (jwk.crv ?? "");
    return { kty: jwk.kty ?? "", size, thumbprint };
  } catch {
    throw new UnreadableKey(tried);
  }
}

const pem = (label: string, der: ArrayBuffer): string => {
  const text = btoa(String.fromCharCode(...new Uint8Array(der)));
  return `-----BEGIN ${label}-----\n${text.replace(/(.{64})(?=.)/g, "$1\n")}\n-----END ${label}-----\n`;
};

/** A key pair for encrypted payloads. */
export interface Pair {
  /** PEM, for the platform. */
  publicPem: string;
  /** PEM, for its owner only. */
  privatePem: string;
}

const OAEP = { name: "RSA-OAEP", hash: "SHA-256" };

/** Makes an RSA key pair of 3072 bits. */
export async function makePair(): Promise<Pair> {
  const wish = { ...OAEP, modulusLength: 3072, publicExponent: new Uint8Array([1, 0, 1]) };
  const { publicKey, privateKey } = await crypto.subtle.generateKey(wish, true, ["encrypt", "decrypt"]);
  return {
    publicPem: pem("PUBLIC KEY", await crypto.subtle.exportKey("spki", publicKey)),
    privatePem: pem("PRIVATE KEY", await crypto.subtle.exportKey("pkcs8", privateKey)),
  };
}

/** An encrypted answer in flattened JSON form. */
export interface Sealed {
  protected: string;
  encrypted_key?: string | null;
  iv: string;
  ciphertext: string;
  tag: string;
}

const bytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

/** Opens an answer that was encrypted for an RSA key with RSA-OAEP-256 and A256GCM. */
export async function openAnswer(sealed: Sealed, privatePem: string): Promise<string> {
  const der = body(privatePem, "PRIVATE KEY");
  if (!der) throw new UnreadableKey("pem");
  const key = await crypto.subtle.importKey("pkcs8", der, OAEP, false, ["decrypt"]);
  const raw = await crypto.subtle.decrypt(OAEP, key, bytes(sealed.encrypted_key ?? ""));
  const content = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
  const [text, tag] = [bytes(sealed.ciphertext), bytes(sealed.tag)];
  const joined = new Uint8Array(text.length + tag.length);
  joined.set(text);
  joined.set(tag, text.length);
  const additionalData = new TextEncoder().encode(sealed.protected);
  const plain = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv: bytes(sealed.iv), additionalData },
    content,
    joined,
  );
  return new TextDecoder().decode(plain);
}
