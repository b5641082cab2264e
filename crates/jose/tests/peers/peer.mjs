// The foreign side of the token tests in Node: the npm library `jose`. Reads and writes what peer.py does.
import * as jose from "jose";
import { text } from "node:stream/consumers";

const bytes = (value) => new TextEncoder().encode(value);
const string = (value) => new TextDecoder().decode(value);

const tasks = {
  async sign({ key, alg, payload }) {
    const signer = new jose.CompactSign(bytes(payload)).setProtectedHeader({ alg, typ: "JWT" });
    return signer.sign(await jose.importJWK(key, alg));
  },
  async verify({ key, alg, text }) {
    const found = await jose.compactVerify(text, await jose.importJWK(key, alg), { algorithms: [alg] });
    return string(found.payload);
  },
  async encrypt({ key, alg, enc, payload, form }) {
    const header = { alg, enc, kid: "peer" };
    const to = await jose.importJWK(key, alg);
    if (form === "compact") {
      return new jose.CompactEncrypt(bytes(payload)).setProtectedHeader(header).encrypt(to);
    }
    return JSON.stringify(await new jose.FlattenedEncrypt(bytes(payload)).setProtectedHeader(header).encrypt(to));
  },
  async decrypt({ key, alg, enc, text }) {
    const options = { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: [enc] };
    const own = await jose.importJWK(key, alg);
    const found = text.startsWith("{")
      ? await jose.flattenedDecrypt(JSON.parse(text), own, options)
      : await jose.compactDecrypt(text, own, options);
    return string(found.plaintext);
  },
  thumbprint: ({ key }) => jose.calculateJwkThumbprint(key),
};

const answers = [];
for (const task of JSON.parse(await text(process.stdin))) {
  try {
    answers.push(await tasks[task.do](task));
  } catch (error) {
    answers.push({ error: String(error) });
  }
}
process.stdout.write(JSON.stringify(answers));
