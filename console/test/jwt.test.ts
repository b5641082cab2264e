// @vitest-environment node
import { createHmac, createPublicKey, generateKeyPairSync, verify, webcrypto } from "node:crypto";
import { expect, test } from "vitest";
import { encrypt, encryptionKey, mend, readClaims, sign, warnings, type Algorithm } from "../src/parts/jwt";
import { curl, node, python } from "../src/parts/snippets";

const payload = '{\n  "sub": "1234567890",\n  "appId": "cs-1", "n": 1.50\n}';
const parts = (token: string) => token.split(".") as [string, string, string];
const text = (part: string) => Buffer.from(part, "base64url").toString();

test("HMAC tokens are those of any library", async () => {
  for (const [alg, hash] of [["HS256", "sha256"], ["HS384", "sha384"], ["HS512", "sha512"]] as const) {
    const [head, body, signature] = parts(await sign(alg, payload, "geheim ü"));
    expect(JSON.parse(text(head))).toEqual({ alg, typ: "JWT" });
    expect(JSON.parse(text(body))).toEqual(JSON.parse(payload));
    const expected = createHmac(hash, "geheim ü").update(`${head}.${body}`).digest("base64url");
    expect(signature).toBe(expected);
  }
});

test("private keys sign what their public key verifies, as PEM and as JWK", async () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const ec = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve });
  const pairs: [Algorithm, typeof rsa, object, string | null][] = [
    ["RS256", rsa, {}, "sha256"],
    ["RS512", rsa, {}, "sha512"],
    ["PS256", rsa, { padding: 6, saltLength: 32 }, "sha256"],
    ["ES256", ec("P-256"), { dsaEncoding: "ieee-p1363" }, "sha256"],
    ["ES384", ec("P-384"), { dsaEncoding: "ieee-p1363" }, "sha384"],
    ["EdDSA", generateKeyPairSync("ed25519"), {}, null],
  ];
  for (const [alg, { privateKey }, options, hash] of pairs) {
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const jwk = JSON.stringify(privateKey.export({ format: "jwk" }));
    for (const key of [pem, jwk]) {
      const [head, body, signature] = parts(await sign(alg, payload, key));
      const ok = verify(
        hash,
        Buffer.from(`${head}.${body}`),
        { key: createPublicKey(privateKey), ...options },
        Buffer.from(signature, "base64url"),
      );
      expect(ok, alg).toBe(true);
    }
  }
});

test("a key that does not fit is refused in words", async () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  await expect(sign("RS256", payload, pem)).rejects.toThrow("token.keyFit");
  await expect(sign("RS256", payload, "no key")).rejects.toThrow("token.keyForm");
  await expect(sign("ES256", payload, "{}")).rejects.toThrow("token.keyFit");
});

test("an encrypted token opens with the platform's key", async () => {
  const pair = await webcrypto.subtle.generateKey(
    { name: "RSA-OAEP", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["encrypt", "decrypt"],
  );
  const jwk = { ...(await webcrypto.subtle.exportKey("jwk", pair.publicKey)), use: "enc", kid: "k1" };
  const signing = { kty: "RSA", use: "sig" };
  expect(encryptionKey([signing, jwk] as JsonWebKey[])).toBe(jwk);
  const inner = await sign("HS256", payload, "secret");
  const [head, wrapped, iv, sealed, tag] = (await encrypt(inner, jwk)).split(".") as string[];
  expect(JSON.parse(text(head ?? ""))).toMatchObject({ alg: "RSA-OAEP-256", enc: "A256GCM", kid: "k1" });
  const bytes = (part?: string) => Buffer.from(part ?? "", "base64url");
  const raw = await webcrypto.subtle.decrypt({ name: "RSA-OAEP" }, pair.privateKey, bytes(wrapped));
  const key = await webcrypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
  const opened = await webcrypto.subtle.decrypt(
    { name: "AES-GCM", iv: bytes(iv), additionalData: Buffer.from(head ?? "") },
    key,
    Buffer.concat([bytes(sealed), bytes(tag)]),
  );
  expect(Buffer.from(opened).toString()).toBe(inner);
});

test("what the platform would refuse is said before", () => {
  const soon = Math.floor(Date.now() / 1000) + 60;
  const of = (claims: Record<string, unknown>) => warnings(claims, "hint");
  expect(of({ appId: "cs-1" })).toEqual([]);
  expect(of({ appId: "hint" })).toEqual(["placeholder"]);
  expect(of({ "App ID": "cs-1" })).toEqual(["spelling"]);
  expect(of({})).toEqual(["noApp"]);
  expect(of({ appId: "x", jti: "1" })).toEqual(["jtiNoExp"]);
  expect(of({ appId: "x", jti: "1", exp: soon + 7200 })).toEqual(["jtiFar"]);
  expect(of({ appId: "x", jti: "1", exp: soon })).toEqual([]);
  expect(of({ appId: "x", exp: soon - 3600 })).toEqual(["expired"]);
  expect(mend({ a: 1, appid: "x" })).toEqual({ a: 1, appId: "x" });
});

test("a fault in the payload is named by line and column", () => {
  for (const [text, line, column] of [
    ['{\n  "a": x\n}', 2, 8],
    ['{"a": 1,}', 1, 9],
    ['{"a": [1, 2}', 1, 12],
    ['{"a": "x', 1, 7],
    ['{} {}', 1, 4],
    ['{"a" 1}', 1, 6],
    ["", 1, 1],
  ] as const) {
    expect(readClaims(text), text).toEqual({ fault: { line, column } });
  }
  expect("fault" in readClaims("[]")).toBe(true);
  expect(readClaims('{"a":1}')).toEqual({ claims: { a: 1 } });
});

test("examples hold no secret and no quote breaks out of them", () => {
  const call = { origin: "https://x", botId: "st-1", appId: "it's \"", algorithm: "HS256", token: "a'b" } as const;
  expect(curl(call)).toContain("'auth: a'\\''b'");
  for (const text of [python(call), node(call)]) expect(text).toContain(JSON.stringify(call.appId));
  expect(python({ ...call, algorithm: "RS256" })).toContain("PRIVATE_KEY_FILE");
});
