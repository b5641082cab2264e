import { isSymmetric, type Algorithm } from "./jwt";

export interface Call {
  origin: string;
  botId: string;
  appId: string;
  algorithm: Algorithm;
  /** The token, or a word that stands for it. */
  token: string;
}

const path = (call: Call) => `/api/public/bot/${call.botId}/getSessions`;

/** Text for a POSIX shell, whatever stands in it. */
const shell = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

export const curl = (call: Call): string =>
  [
    `curl ${shell(call.origin + path(call))} \\`,
    `  -H ${shell(`auth: ${call.token}`)} \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d '{}'`,
  ].join("\n");

export const python = (call: Call): string =>
  [
    `# pip install pyjwt${isSymmetric(call.algorithm) ? "" : "[crypto]"} requests`,
    `import os, time, jwt, requests`,
    ``,
    isSymmetric(call.algorithm)
      ? `key = os.environ["CLIENT_SECRET"]`
      : `key = open(os.environ["PRIVATE_KEY_FILE"]).read()`,
    `now = int(time.time())`,
    `claims = {"sub": "1234567890", "appId": ${JSON.stringify(call.appId)}, "iat": now, "exp": now + 300}`,
    `token = jwt.encode(claims, key, algorithm=${JSON.stringify(call.algorithm)})`,
    `answer = requests.post(`,
    `    ${JSON.stringify(call.origin + path(call))},`,
    `    headers={"auth": token}, json={}, timeout=30,`,
    `)`,
    `print(answer.status_code, answer.json())`,
  ].join("\n");

export const node = (call: Call): string =>
  [
    `// npm install jose`,
    ...(isSymmetric(call.algorithm)
      ? [
          `import { SignJWT } from "jose";`,
          ``,
          `const key = new TextEncoder().encode(process.env.CLIENT_SECRET);`,
        ]
      : [
          `import { readFileSync } from "node:fs";`,
          `import { importPKCS8, SignJWT } from "jose";`,
          ``,
          `const pem = readFileSync(process.env.PRIVATE_KEY_FILE, "utf8");`,
          `const key = await importPKCS8(pem, ${JSON.stringify(call.algorithm)});`,
        ]),
    `const token = await new SignJWT({ appId: ${JSON.stringify(call.appId)} })`,
    `  .setProtectedHeader({ alg: ${JSON.stringify(call.algorithm)}, typ: "JWT" })`,
    `  .setSubject("1234567890").setIssuedAt().setExpirationTime("5m").sign(key);`,
    `const answer = await fetch(${JSON.stringify(call.origin + path(call))}, {`,
    `  method: "POST",`,
    `  headers: { auth: token, "content-type": "application/json" },`,
    `  body: "{}",`,
    `});`,
    `console.log(answer.status, await answer.json());`,
  ].join("\n");
