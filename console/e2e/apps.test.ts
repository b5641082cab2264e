import { constants, createDecipheriv, createSign, generateKeyPairSync, privateDecrypt, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible } from "./accessible";
import { openConsole, type Console } from "./console";
import { token } from "./server";

let c: Console;
let botId = "";
let clientId = "";
let secret = "";
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
let downloaded = "";

const pem = (key: KeyObject) => key.export({ type: "spki", format: "pem" }).toString();
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token signed with RS256. */
function signed(app: string, key: KeyObject): string {
  const exp = Math.floor(Date.now() / 1000) + 300;
  const text = `${part({ alg: "RS256", typ: "JWT" })}.${part({ sub: "1", appId: app, exp })}`;
  return `${text}.${createSign("sha256").update(text).sign(key).toString("base64url")}`;
}

/** Status of a call; 403 says that the token was accepted and only the scope is missing. */
async function call(auth: string, body = "{}"): Promise<number> {
  const answer = await fetch(`${c.server.url}/api/public/bot/${botId}/getSessions`, {
    method: "POST",
    headers: { auth, "content-type": "application/json" },
    body,
  });
  await answer.arrayBuffer();
  return answer.status;
}
const ACCEPTED = 403;
const REFUSED = 401;

const page = () => `${c.server.url}/builder/${botId}/settings/dev-tools/web-mobile-sdk`;

/** Opens the dialog for a new app and names it. */
async function fresh(name: string) {
  await c.page.goto(`${page()}?dialog=create`);
  const form = c.dialog("Create JWT App");
  await form.getByLabel("Name", { exact: false }).first().fill(name);
  return form;
}

async function finish(): Promise<void> {
  await c.button("Done").click();
  await c.page.waitForURL(/\?app=cs-/);
  clientId = new URL(c.page.url()).searchParams.get("app") ?? "";
}

async function edit() {
  await c.button("Edit").click();
  const form = c.dialog("Edit JWT App");
  await form.waitFor();
  return form;
}

const save = () => c.dialog("Edit JWT App").getByRole("button", { name: "Save", exact: true });
const understand = () => c.box("I understand that").check();

beforeAll(async () => {
  c = await openConsole();
  botId = await c.sample();
});
afterAll(() => c?.close());

test("rs256_asks_for_a_public_key", async () => {
  const form = await fresh("By key");
  await form.getByRole("combobox", { name: /Signing Algorithms/ }).click();
  await c.option("RS256").click();
  await c.button("Next").click();
  await c.page.getByText("This field is required.").waitFor();
  const field = form.getByLabel("Public Key", { exact: false }).first();
  expect(await field.evaluate((node) => node === document.activeElement)).toBe(true);
  await field.fill("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----");
  await field.blur();
  await c.page.getByText("This was read as PEM, and is no public key of a known kind.").waitFor();
  const chooser = c.page.waitForEvent("filechooser");
  await c.button("Choose file").click();
  await (await chooser).setFiles({
    name: "key.pem",
    mimeType: "application/x-pem-file",
    buffer: Buffer.from(pem(rsa.publicKey)),
  });
  await c.page.getByText(/^RSA, 2048 bits, thumbprint /).waitFor();
  await accessible(c.page);
});

test("a_private_key_file_is_not_even_shown", async () => {
  const form = c.dialog("Create JWT App");
  const field = form.getByLabel("Public Key", { exact: false }).first();
  const before = await field.inputValue();
  const chooser = c.page.waitForEvent("filechooser");
  await c.button("Choose file").click();
  const text = rsa.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  await (await chooser).setFiles({ name: "key.pem", mimeType: "text/plain", buffer: Buffer.from(text) });
  await c.page.getByText("This is a private key.", { exact: false }).waitFor();
  expect(await field.inputValue()).toBe(before);
  await c.button("Next").click();
  await finish();
  expect(await c.fact("Public key (thumbprint)")).toMatch(/^[\w-]{43}$/);
  expect(await call(signed(clientId, rsa.privateKey))).toBe(ACCEPTED);
  expect(c.sent.some((line) => line.includes("PRIVATE KEY"))).toBe(false);
});

test("a_replaced_key_works_on_until_its_grace_is_ended", async () => {
  await c.button("Replace key").click();
  const form = c.dialog("Replace key");
  await form.getByLabel("Public Key", { exact: false }).first().fill(pem(other.publicKey));
  await form.getByLabel("Keep the old key valid for").fill("73");
  await form.getByRole("button", { name: "Replace key" }).click();
  await c.page.getByText("Enter whole hours from 0 to 72.").waitFor();
  await form.getByLabel("Keep the old key valid for").fill("2");
  await accessible(c.page);
  await form.getByRole("button", { name: "Replace key" }).click();
  await c.page.getByText(/^The old key works until/).waitFor();
  await expect.poll(() => call(signed(clientId, other.privateKey))).toBe(ACCEPTED);
  expect(await call(signed(clientId, rsa.privateKey))).toBe(ACCEPTED);
  await c.button("End now").click();
  await c.dialog("End now").getByRole("button", { name: "End now" }).click();
  await c.page.getByText("The old secret or key of By key has ended").waitFor();
  await expect.poll(() => call(signed(clientId, rsa.privateKey))).toBe(REFUSED);
  expect(await call(signed(clientId, other.privateKey))).toBe(ACCEPTED);
});

test("jti_and_jwe_tick_independently", async () => {
  const form = await fresh("Switches");
  const [jti, jwe] = [form.getByRole("checkbox", { name: /^Enforce JTI/ }), form.getByRole("checkbox", { name: /^Enforce JWE/ })];
  const state = async () => [await jti.isChecked(), await jwe.isChecked()];
  expect(await state()).toEqual([false, false]);
  await jwe.check();
  expect(await state()).toEqual([false, true]);
  await jti.check();
  expect(await state()).toEqual([true, true]);
  await jwe.uncheck();
  expect(await state()).toEqual([true, false]);
});

test("payload_panel_opens_with_its_box", async () => {
  const form = c.dialog("Create JWT App");
  const payload = form.getByRole("checkbox", { name: /^Enforce Request and Response/ });
  expect(await form.getByText("Supported APIs for Encryption").count()).toBe(0);
  await payload.check();
  await form.getByText("Supported APIs for Encryption").waitFor();
  expect(await form.getByRole("radio", { name: "Public key", exact: true }).isChecked()).toBe(true);
  expect(await form.getByText("Get Conversation Details", { exact: true }).count()).toBe(1);
  expect(JSON.parse(await form.getByTestId("platform-key").innerText())).toMatchObject({ kty: "RSA", use: "enc" });
  await form.locator("#payload-key").fill("typed");
  await payload.uncheck();
  await payload.check();
  expect(await form.locator("#payload-key").inputValue()).toBe("");
  await accessible(c.page);
});

test("payload_public_key_is_stored_and_thumbprinted", async () => {
  const form = c.dialog("Create JWT App");
  await c.button("Create key pair").click();
  const facts = form.getByTestId("payload-key-facts");
  await facts.waitFor();
  const thumbprint = (await facts.innerText()).split(" ").at(-1) ?? "";
  expect(thumbprint).toMatch(/^[\w-]{43}$/);
  const started = c.page.waitForEvent("download");
  await c.button("Download private key").click();
  downloaded = await readFile(await (await started).path(), "utf8");
  expect(downloaded).toContain("BEGIN PRIVATE KEY");
  expect(await c.button("Download private key").count()).toBe(0);
  await c.button("Next").click();
  await c.page.getByText("App created successfully").waitFor();
  await c.button("Try it").click();
  const sample = JSON.parse(await c.page.getByTestId("payload-sample").innerText()) as Record<string, string>;
  const head = JSON.parse(Buffer.from(sample.protected ?? "", "base64url").toString()) as Record<string, string>;
  expect(head).toMatchObject({ alg: "RSA-OAEP-256", enc: "A256GCM", kid: thumbprint });
  expect(await c.page.getByTestId("payload-opened").innerText()).toBe('{"sample":true}');
  await accessible(c.page);
  await finish();
  expect(c.sent.some((line) => line.includes("PRIVATE KEY"))).toBe(false);
});

test("payload_answer_is_jwe_for_the_uploaded_key", async () => {
  await edit();
  await c.page.getByText(/^Public key set on .*, thumbprint [\w-]{43}$/).waitFor();
  await c.button("Try it").click();
  const sample = c.page.getByTestId("payload-sample");
  await sample.waitFor();
  expect(Object.keys(JSON.parse(await sample.innerText()) as object).sort()).toEqual([
    "ciphertext", "encrypted_key", "iv", "protected", "tag",
  ]);
  expect(await c.page.getByTestId("payload-opened").count()).toBe(0);
  await accessible(c.page);
});

test("downloaded_private_key_opens_the_answer", async () => {
  const text = await c.page.getByTestId("payload-sample").innerText();
  const jwe = JSON.parse(text) as Record<"protected" | "encrypted_key" | "iv" | "ciphertext" | "tag", string>;
  const raw = (name: keyof typeof jwe) => Buffer.from(jwe[name], "base64url");
  const padding = { key: downloaded, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
  const key = privateDecrypt(padding, raw("encrypted_key"));
  const cipher = createDecipheriv("aes-256-gcm", key, raw("iv"));
  cipher.setAAD(Buffer.from(jwe.protected));
  cipher.setAuthTag(raw("tag"));
  const plain = Buffer.concat([cipher.update(raw("ciphertext")), cipher.final()]);
  expect(plain.toString()).toBe('{"sample":true}');
});

test("symmetric_key_is_write_only", async () => {
  await c.button("Replace").click();
  await c.page.getByRole("radio", { name: "Symmetric key" }).check();
  const field = c.page.getByLabel("Symmetric encryption key").first();
  await field.fill("short");
  await understand();
  await save().click();
  await c.page.getByText("Enter 32 bytes in base64: 44 characters.").waitFor();
  await c.button("Generate").click();
  const key = await field.inputValue();
  expect(Buffer.from(key, "base64")).toHaveLength(32);
  await save().click();
  await c.dialog("Edit JWT App").waitFor({ state: "hidden" });
  await edit();
  const set = await c.page.getByText(/^Set on .*, fingerprint /).innerText();
  expect(set).not.toContain(key);
  expect((await c.page.content()).includes(key)).toBe(false);
  const answer = await c.context.request.get(`${c.server.url}/api/console/v1/apps/${clientId}`);
  expect(await answer.text()).not.toContain(key);
});

test("a_payload_key_is_removed_with_its_rule", async () => {
  await c.button("Remove key").click();
  await c.page.getByText("The key goes when you save", { exact: false }).waitFor();
  await understand();
  await save().click();
  await c.dialog("Edit JWT App").waitFor({ state: "hidden" });
  await expect.poll(() => c.fact("Payload encryption")).toBe("Off");
});

test("sdk_app_registration_ends_with_credentials", async () => {
  const form = await fresh("Web client");
  await form.getByRole("checkbox", { name: /^Enforce JWE/ }).check();
  await c.button("Next").click();
  await c.page.getByText("App created successfully").waitFor();
  await c.button("Reveal client secret").click();
  secret = await c.page.getByTestId("secret").innerText();
  expect(Buffer.from(secret, "base64")).toHaveLength(32);
  await finish();
  expect(await c.fact("Client ID")).toContain(clientId);
  expect(await c.page.getByTestId("secret").innerText()).toBe("••••••••");
});

test("platform_key_is_shown_where_tokens_must_be_encrypted", async () => {
  const shown = JSON.parse(await c.page.getByTestId("platform-key").innerText()) as { kid: string };
  const set = (await (await fetch(`${c.server.url}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] };
  expect(set.keys.map((key) => key.kid)).toContain(shown.kid);
  expect(await call(token(clientId, secret))).toBe(REFUSED);
});

test("loosening_a_rule_asks_nothing_and_tightening_one_asks", async () => {
  const form = await edit();
  await form.getByRole("checkbox", { name: /^Enforce JWE/ }).uncheck();
  expect(await c.box("I understand that").count()).toBe(0);
  await save().click();
  await c.page.getByText("App Web client saved").waitFor();
  await expect.poll(() => call(token(clientId, secret))).toBe(ACCEPTED);
  await edit();
  await form.getByRole("checkbox", { name: /^Enforce JTI/ }).check();
  await c.page.getByText("Tokens made the old way are refused at once").waitFor();
  expect(await save().isDisabled()).toBe(true);
  await accessible(c.page);
  await understand();
  await save().click();
  await form.waitFor({ state: "hidden" });
  await expect.poll(() => call(token(clientId, secret))).toBe(REFUSED);
  expect(await c.fact("Enforce JTI")).toBe("On");
});

test("a_longer_hash_makes_a_new_secret", async () => {
  const form = await edit();
  await form.getByRole("checkbox", { name: /^Enforce JTI/ }).uncheck();
  await form.getByRole("combobox", { name: /Signing Algorithms/ }).click();
  await c.option("HS512").click();
  await understand();
  await save().click();
  await c.page.getByText("The new secret of Web client").waitFor();
  await form.getByRole("button", { name: "Reveal client secret" }).click();
  const longer = await form.getByTestId("secret").innerText();
  expect(Buffer.from(longer, "base64")).toHaveLength(64);
  expect(await call(token(clientId, secret))).toBe(REFUSED);
  await c.button("Done").click();
  expect(await c.fact("Signing algorithm")).toBe("HS512");
});

test("a_change_to_a_key_pair_needs_the_public_key", async () => {
  const form = await edit();
  await form.getByRole("combobox", { name: /Signing Algorithms/ }).click();
  await c.option("RS256").click();
  await understand();
  await save().click();
  await c.page.getByText("This field is required.").waitFor();
  await form.getByLabel("Public Key", { exact: false }).first().fill(pem(rsa.publicKey));
  await save().click();
  await form.waitFor({ state: "hidden" });
  await expect.poll(() => call(signed(clientId, rsa.privateKey))).toBe(ACCEPTED);
});

test("leaving_an_unsaved_edit_asks", async () => {
  const form = await edit();
  await form.getByLabel("Name", { exact: false }).first().fill("By key");
  await save().click();
  await c.page.getByText("An app with this name exists already.").waitFor();
  await c.page.keyboard.press("Escape");
  await c.button("Stay").click();
  await form.getByRole("button", { name: "Cancel" }).click();
  await c.button("Discard").click();
  await form.waitFor({ state: "hidden" });
});

test("a_disabled_app_is_refused_at_once", async () => {
  await c.button("Disable").click();
  await c.page.getByText("This app is disabled: its tokens are refused.").waitFor();
  await expect.poll(() => call(signed(clientId, rsa.privateKey))).toBe(REFUSED);
  await accessible(c.page);
  await c.button("Enable").click();
  await expect.poll(() => call(signed(clientId, rsa.privateKey))).toBe(ACCEPTED);
});

test("unlinked_the_agent_is_unknown_to_the_app", async () => {
  await c.button("Unlink").click();
  await c.dialog("Unlink app").getByRole("button", { name: "Unlink" }).click();
  await c.page.getByText("This app is not linked to this agent", { exact: false }).waitFor();
  await expect.poll(() => call(signed(clientId, rsa.privateKey))).toBe(404);
  await c.button("Link to this agent").click();
  await expect.poll(() => call(signed(clientId, rsa.privateKey))).toBe(ACCEPTED);
});

test("deleting_an_app_counts_what_goes_with_it", async () => {
  await c.server.run("scope", "grant", "--app", clientId, "--bot", botId, "Bot Sessions").catch(() => undefined);
  await c.button("Delete").click();
  const form = c.dialog("Delete app");
  await form.getByText("Linked agents: Parcel desk").waitFor();
  await form.getByText("No chat client holds an access token of it.").waitFor();
  await accessible(c.page);
  const act = form.getByRole("button", { name: "Delete app" });
  expect(await act.isDisabled()).toBe(true);
  await form.getByLabel("Type Web client to confirm").fill("Web client");
  await act.click();
  await c.page.getByText("App Web client deleted").waitFor();
  await expect.poll(() => call(signed(clientId, rsa.privateKey))).toBe(REFUSED);
});

test("focus_returns_after_each_dialog", async () => {
  await c.page.getByRole("combobox", { name: "JWT App" }).click();
  await c.option("By key").click();
  for (const [opener, title] of [["Edit", "Edit JWT App"], ["Replace key", "Replace key"], ["Delete", "Delete app"]] as const) {
    await c.button(opener).click();
    await c.dialog(title).waitFor();
    await c.page.keyboard.press("Escape");
    await c.dialog(title).waitFor({ state: "hidden" });
    await expect
      .poll(() => c.button(opener).evaluate((node) => node === document.activeElement))
      .toBe(true);
  }
});

test("the_content_security_policy_was_never_broken", () => {
  expect(c.faults).toEqual([]);
});
