import { createHmac, createVerify, generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible } from "./accessible";
import { openConsole, type Console } from "./console";

let c: Console;
let botId = "";
let clientId = "";
const secret = "a secret that was typed into the page and goes nowhere";

const payload = () => c.page.getByRole("textbox", { name: "Payload" });
const verify = () => c.page.getByRole("textbox", { name: "Verify Signature" });
const copy = () => c.button("Copy JWT");
const encoded = async () => (await c.page.getByTestId("token").innerText()).replace(/\s/g, "");
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const claims = (token: string) =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown>;

async function choose(algorithm: string): Promise<void> {
  await c.page.getByRole("combobox", { name: "Algorithm" }).click();
  await c.option(algorithm).click();
}

beforeAll(async () => {
  c = await openConsole();
  botId = await c.sample();
  await c.server.run("agent", "publish", botId);
  const app = await c.server.run("app", "create", "--kind", "platform", "--name", "Token page", "--bot", botId, "--enforce-jwe");
  clientId = String(app.clientId);
});
afterAll(() => c?.close());

test("token_page_works_without_sign_in", async () => {
  await c.context.clearCookies();
  await c.page.goto("about:blank");
  c.sent.length = 0;
  await c.page.goto(`${c.server.url}/tools/jwt`);
  await c.heading("Generate JWT token").waitFor();
  expect(new URL(c.page.url()).pathname).toBe("/tools/jwt");
  await accessible(c.page);
});

test("token_page_starts_with_hs256", async () => {
  expect(await c.page.getByRole("combobox", { name: "Algorithm" }).inputValue()).toBe("HS256");
  expect(JSON.parse(await c.page.getByTestId("header").innerText())).toEqual({ alg: "HS256", typ: "JWT" });
  expect(JSON.parse(await payload().inputValue())).toEqual({ sub: "1234567890", appId: "add-Client-ID-here" });
  await c.page.getByText("Replace the placeholder in appId", { exact: false }).waitFor();
});

test("placeholder_secret_does_not_sign", async () => {
  expect(await verify().getAttribute("placeholder")).toBe("your-256-bit-secret");
  expect(await copy().isDisabled()).toBe(true);
  await verify().fill("your-256-bit-secret");
  await c.page.getByText("This is the hint, not a secret.", { exact: false }).waitFor();
  expect(await copy().isDisabled()).toBe(true);
  await accessible(c.page);
});

test("encoded_follows_each_edit", async () => {
  await verify().fill(secret);
  await expect.poll(() => copy().isEnabled()).toBe(true);
  const before = await encoded();
  await payload().fill(JSON.stringify({ sub: "ann", appId: clientId }));
  await expect.poll(async () => claims(await encoded())).toEqual({ sub: "ann", appId: clientId });
  const after = await encoded();
  expect(after).not.toBe(before);
  const [head, body, signature] = after.split(".");
  expect(createHmac("sha256", secret).update(`${head}.${body}`).digest("base64url")).toBe(signature);
  await verify().fill(`${secret}!`);
  await expect.poll(encoded).not.toBe(after);
  await payload().fill('{"sub":\n  "ann",,}');
  await c.page.getByText("This is no JSON object (line 2, column 9).").waitFor();
  expect(await copy().isDisabled()).toBe(true);
});

test("misspelt_app_id_is_flagged_and_fixed", async () => {
  await payload().fill(JSON.stringify({ sub: "ann", appid: clientId }));
  await c.page.getByText("Only the spelling appId counts.", { exact: false }).waitFor();
  await c.button("Fix").click();
  expect(JSON.parse(await payload().inputValue())).toEqual({ sub: "ann", appId: clientId });
});

test("a_jti_without_a_near_end_is_flagged", async () => {
  await c.button("Add jti").click();
  await c.page.getByText("With jti the token needs exp.").waitFor();
  await c.button("Add exp (5 min)").click();
  await c.page.getByText("With jti the token needs exp.").waitFor({ state: "hidden" });
});

test("a_token_is_checked_in_the_page", async () => {
  const token = await encoded();
  await c.page.getByText("Check a token").click();
  const field = c.page.getByLabel("Token", { exact: true });
  await field.fill("no token");
  await c.page.getByText("This is no token:", { exact: false }).waitFor();
  await field.fill(token);
  await c.page.getByText("Signed with the secret above").waitFor();
  expect(await c.page.getByTestId("checked").innerText()).toContain(clientId);
  await accessible(c.page);
  await field.fill(`${token.slice(0, -3)}AAA`);
  await c.page.getByText("It was not signed with the secret above.").waitFor();
  await field.fill([part({ alg: "HS512" }), part({ sub: "1", appid: clientId, exp: 1 }), "x"].join("."));
  await c.page.getByText("Its header names another algorithm", { exact: false }).waitFor();
  await c.page.getByText("The token has expired already.").waitFor();
  await field.fill([part({ alg: "RSA-OAEP-256", kid: "k-1" }), "a", "b", "c", "d"].join("."));
  await c.page.getByText("An encrypted token for the key k-1", { exact: false }).waitFor();
});

test("a_private_key_signs_in_the_page", async () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await choose("RS256");
  expect(await verify().inputValue()).toBe("");
  await verify().fill("no key");
  await c.page.getByText("Enter the key as PKCS8 PEM", { exact: false }).waitFor();
  await verify().fill(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  await expect.poll(() => copy().isEnabled()).toBe(true);
  const [head, body, signature] = (await encoded()).split(".");
  const checked = createVerify("sha256").update(`${head}.${body}`).verify(publicKey, signature ?? "", "base64url");
  expect(checked).toBe(true);
  await accessible(c.page);
});

test("secret_never_leaves_the_browser", async () => {
  const asked = c.sent.filter((line) => line.includes("/api/"));
  expect(asked).toEqual([]);
  for (const hidden of [secret, "PRIVATE KEY"]) {
    expect(c.sent.filter((line) => line.includes(hidden) || line.includes(encodeURIComponent(hidden)))).toEqual([]);
    const kept = await c.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state, location.href, document.title]));
    expect(kept.includes(hidden)).toBe(false);
  }
});

test("copied_token_is_accepted_by_the_api", async () => {
  const shown = await c.server.run("app", "show", clientId, "--secret");
  await c.page.goto(`${c.server.url}/tools/jwt?appId=${clientId}`);
  expect(JSON.parse(await payload().inputValue())).toMatchObject({ appId: clientId });
  await c.button("Add exp (5 min)").click();
  await verify().fill(String(shown.clientSecret));
  const call = async (auth: string) => {
    const answer = await fetch(`${c.server.url}/api/public/bot/${botId}/getSessions`, {
      method: "POST",
      headers: { auth, "content-type": "application/json" },
      body: "{}",
    });
    return { status: answer.status, text: await answer.text() };
  };
  await expect.poll(() => copy().isEnabled()).toBe(true);
  await copy().click();
  let plain = "";
  await expect.poll(async () => (plain = await c.copied())).toMatch(/^ey/);
  // the app wants it encrypted
  expect(await call(plain)).toMatchObject({ status: 401 });
  await c.box(/^Encrypt for the platform/).check();
  await expect.poll(async () => (await encoded()).split(".").length).toBe(5);
  await copy().click();
  let sealed = "";
  await expect.poll(async () => (sealed = await c.copied())).toMatch(/^ey/);
  // accepted: only the scope is missing
  expect(await call(sealed)).toMatchObject({ status: 403 });
});

test("the_content_security_policy_was_never_broken", () => {
  expect(c.faults).toEqual([]);
});
