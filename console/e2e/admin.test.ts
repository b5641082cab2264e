import { createHmac, generateKeyPairSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible } from "./accessible";
import { openBrowser, startServer, token, type Server } from "./server";

let server: Server;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let botId = "";
let clientId = "";
let secret = "";
let recovery: string[] = [];
const password = "correct horse battery staple";
const faults: string[] = [];

const button = (name: string) => page.getByRole("button", { name, exact: true });
const link = (name: string) => page.getByRole("link", { name, exact: true });
const heading = (name: string) => page.getByRole("heading", { name, level: 1, exact: true });
const dialog = (name: string) => page.getByRole("dialog", { name, exact: true });

/** Status of a call that needs the scope Bot Sessions. */
async function getSessions(auth = token(clientId, secret)): Promise<number> {
  const answer = await fetch(`${server.url}/api/public/bot/${botId}/getSessions`, {
    method: "POST",
    headers: { auth, "content-type": "application/json" },
    body: "{}",
  });
  await answer.arrayBuffer();
  return answer.status;
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token that never ends. */
function endless(): string {
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: "1", appId: clientId })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/** The code that an authenticator app shows for this key now. */
function totp(key: string): string {
  const bits = [...key.replace(/[\s=]/g, "")]
    .map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0"))
    .join("");
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac("sha1", bytes).update(counter).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

async function signIn(code?: string): Promise<void> {
  await heading("Sign in").waitFor();
  await page.getByLabel("E-mail").fill("owner@example.org");
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await button("Sign in").click();
  if (code !== undefined) {
    await page.getByLabel("Code").fill(code);
    await button("Sign in").click();
  }
}

beforeAll(async () => {
  server = await startServer();
  browser = await openBrowser();
  context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    permissions: ["clipboard-read", "clipboard-write"],
    reducedMotion: "reduce",
  });
  page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) faults.push(message.text());
  });
  await page.goto(`${server.url}/setup`);
  await page.getByLabel("One-time code").fill(server.setupCode);
  await page.getByLabel("Account name").fill("Acme");
  await page.getByLabel("E-mail").fill("owner@example.org");
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await button("Create account").click();
  await heading("Agents").waitFor();
  const sample = join(import.meta.dirname, "../../samples/parcel-desk");
  botId = String((await server.run("agent", "import", sample)).botId);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test("admin_console_is_reached_from_the_account_menu", async () => {
  await page.getByRole("button", { name: /^Account menu/ }).click();
  await page.getByRole("menuitem", { name: "Go To Admin Console" }).click();
  await heading("API Scopes").waitFor();
  await page.getByText("No admin app may call").waitFor();
  await accessible(page);
});

test("admin_console_opens_only_for_admin_roles", async () => {
  const call = "**/api/console/v1/session";
  await page.route(call, async (route) => {
    const answer = await route.fetch();
    const session = (await answer.json()) as { permissions: string[] };
    await route.fulfill({ response: answer, json: { ...session, permissions: ["view"] } });
  });
  await page.goto(`${server.url}/builder`);
  await heading("Agents").waitFor();
  await page.getByRole("button", { name: /^Account menu/ }).click();
  await page.getByRole("menuitem", { name: "My profile" }).waitFor();
  expect(await page.getByRole("menuitem", { name: "Go To Admin Console" }).count()).toBe(0);
  await page.unroute(call);
  await page.goto(`${server.url}/builder`);
  await page.getByRole("button", { name: /^Account menu/ }).click();
  await page.getByRole("menuitem", { name: "Go To Admin Console" }).click();
});

test("admin_scopes_page_is_reached_by_the_documented_trail", async () => {
  await link("Audit Report").click();
  await heading("Audit Report").waitFor();
  const group = page.getByRole("navigation").getByRole("listitem").filter({ hasText: "Security & Control" }).first();
  await group.getByRole("link", { name: "API Scopes", exact: true }).click();
  await heading("API Scopes").waitFor();
});

test("new_opens_the_mapping_form", async () => {
  await link("New").click();
  await heading("New API Scope Mapping").waitFor();
});

test("admin_mapping_form_opens", async () => {
  await page.getByRole("combobox", { name: "App" }).waitFor();
  await button("Save").click();
  await page.getByText("Choose an app.").waitFor();
  await page.getByText("Tick at least one scope.").waitFor();
});

test("admin_scopes_are_grouped_by_category", async () => {
  const groups = await page.locator("fieldset legend").allInnerTexts();
  for (const name of ["Batch Tests", "Billing", "Bot Analytics", "User Management"]) {
    expect(groups).toContain(name);
  }
  await page.getByRole("checkbox", { name: "Bot Sessions", exact: true }).check();
  await accessible(page);
});

test("manage_apps_opens_over_the_form_and_keeps_it", async () => {
  await button("Manage Apps").click();
  await dialog("Manage Apps").waitFor();
  await accessible(page);
});

test("admin_app_name_is_required", async () => {
  await button("New App").click();
  const form = dialog("New App");
  await form.getByRole("button", { name: "Save", exact: true }).click();
  await form.getByText("This field is required.").waitFor();
});

test("admin_app_enforcements_are_saved", async () => {
  const form = dialog("New App");
  await form.getByLabel("Name", { exact: false }).first().fill("Strict office");
  expect(await form.getByRole("checkbox", { name: "Enforce JTI" }).isChecked()).toBe(false);
  expect(await form.getByRole("checkbox", { name: "JWE" }).isChecked()).toBe(false);
  await form.getByRole("checkbox", { name: "Enforce JTI" }).check();
  await form.getByRole("checkbox", { name: "JWE" }).check();
  await accessible(page);
  await form.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("App created successfully").waitFor();
  await accessible(page);
  await button("Done").click();
  await form.waitFor({ state: "hidden" });
  await button("Manage Apps").click();
  const row = dialog("Manage Apps").getByRole("row", { name: /Strict office/ });
  expect((await row.getByRole("cell").allInnerTexts()).slice(3, 6)).toEqual(["On", "On", "Off"]);
});

test("saved_admin_app_is_offered_in_the_drop_down", async () => {
  await button("New App").click();
  const form = dialog("New App");
  await form.getByLabel("Name", { exact: false }).first().fill("Back office");
  await form.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("App created successfully").waitFor();
  await button("Done").click();
  await form.waitFor({ state: "hidden" });
  await page.getByRole("combobox", { name: "App" }).click();
  for (const name of ["Strict office", "Back office"]) {
    await page.getByRole("option", { name, exact: true }).waitFor();
  }
});

test("admin_mapping_lists_admin_apps_only", async () => {
  await server.run("app", "create", "--kind", "platform", "--name", "Of an agent", "--bot", botId);
  await server.run("app", "create", "--kind", "data", "--name", "Of tables");
  const answer = await context.request.get(`${server.url}/api/console/v1/apps?kind=admin`);
  const { items } = (await answer.json()) as { items: { name: string }[] };
  const options = await page.getByRole("option").allInnerTexts();
  expect(options).toEqual([...items.map((item) => item.name), "+Create App"]);
  expect(options).not.toContain("Of an agent");
  expect(options).not.toContain("Of tables");
});

test("app_made_in_manage_apps_can_be_mapped", async () => {
  await page.getByRole("option", { name: "Back office", exact: true }).click();
  const picker = page.getByRole("combobox", { name: "App" });
  await expect.poll(() => picker.inputValue()).toBe("Back office");
  expect(await page.getByRole("checkbox", { name: "Bot Sessions", exact: true }).isChecked()).toBe(true);
});

test("admin_credentials_are_copied_masked", async () => {
  clientId = await page.locator(".facts .mono").first().innerText();
  expect(clientId).toMatch(/^cs-/);
  expect(await page.getByTestId("secret").innerText()).toBe("••••••••");
  await button("Copy Client Secret").click();
  await expect.poll(() => page.getByRole("button", { name: "Copy Client Secret" }).count()).toBe(1);
  expect(await page.getByTestId("secret").innerText()).toBe("••••••••");
  await button("Reveal client secret").click();
  await button("Hide").waitFor();
  secret = await page.getByTestId("secret").innerText();
  await button("Hide").click();
});

test("admin_scope_acts_without_publish", async () => {
  expect(await getSessions()).toBe(403);
  await button("Save").click();
  await heading("API Scopes").waitFor();
  await page.getByRole("cell", { name: "Bot Analytics: Bot Sessions" }).waitFor();
  expect(await getSessions()).toBe(200);
  await accessible(page);
});

test("category_scope_opens_its_operations", async () => {
  const detect = async () => {
    const answer = await fetch(`${server.url}/api/v1.1/rest/bot/${botId}/findIntent`, {
      method: "POST",
      headers: { auth: token(clientId, secret), "content-type": "application/json" },
      body: JSON.stringify({ input: "where is my parcel", streamName: "Parcel desk" }),
    });
    await answer.arrayBuffer();
    return answer.status;
  };
  expect(await detect()).toBe(403);
  await page.getByRole("link", { name: "Edit scopes of Back office" }).or(button("Edit scopes of Back office")).first().click();
  await heading("Edit API Scope Mapping").waitFor();
  await page.getByRole("checkbox", { name: "Intent and Entity Detection", exact: true }).check();
  await button("Save").click();
  await heading("API Scopes").waitFor();
  // not trained, or not published: past the gate in any case
  await expect.poll(detect).not.toBe(403);
});

test("create_app_option_makes_an_admin_app", async () => {
  await link("New").click();
  await page.getByRole("combobox", { name: "App" }).click();
  await page.getByRole("option", { name: "+Create App" }).click();
  const form = dialog("New App");
  await form.getByLabel("Name", { exact: false }).first().fill("By the option");
  await form.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("App created successfully").waitFor();
  await button("Done").click();
  await form.waitFor({ state: "hidden" });
  await expect.poll(() => page.getByRole("combobox", { name: "App" }).inputValue()).toBe("By the option");
});

test("required_expiry_refuses_endless_tokens", async () => {
  expect(await getSessions(endless())).toBe(200);
  await link("Security Settings").click();
  await heading("Security Settings").waitFor();
  await accessible(page);
  await page.getByRole("checkbox", { name: "Restrict console addresses" }).check();
  await button("Save").click();
  await page.getByText("Enter at least one address.").waitFor();
  await page.getByRole("checkbox", { name: "Restrict console addresses" }).uncheck();
  await page.getByRole("checkbox", { name: "Require expiry" }).check();
  await page.getByText("Unsaved", { exact: true }).waitFor();
  await link("Keys").click();
  await button("Stay").click();
  await button("Save").click();
  await page.getByText("Security settings saved").waitFor();
  await expect.poll(() => getSessions(endless())).toBe(401);
  expect(await getSessions()).toBe(200);
});

test("platform_keys_are_rotated_and_retired", async () => {
  const kids = async () => {
    const set = (await (await fetch(`${server.url}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] };
    return set.keys.map((key) => key.kid);
  };
  const before = await kids();
  await link("Keys").click();
  await heading("Keys").waitFor();
  await page.getByRole("table").waitFor();
  await accessible(page);
  await button("Rotate keys").click();
  await accessible(page);
  await dialog("Rotate keys").getByRole("button", { name: "Rotate keys" }).click();
  await page.getByText("New keys are current").waitFor();
  await expect.poll(async () => (await kids()).some((kid) => !before.includes(kid))).toBe(true);
  const old = before[0] ?? "";
  await button(`Retire key ${old}`).click();
  const act = dialog("Retire").getByRole("button", { name: "Retire", exact: true });
  expect(await act.isDisabled()).toBe(true);
  await dialog("Retire").getByLabel(`Type ${old} to confirm`).fill(old);
  await act.click();
  await page.getByText("Key retired").waitFor();
  await expect.poll(kids).not.toContain(old);
});

test("audit_report_filters_and_exports", async () => {
  await link("Audit Report").click();
  await heading("Audit Report").waitFor();
  await page.getByRole("table").waitFor();
  await accessible(page);
  const rows = page.getByRole("table").locator("tbody tr");
  const all = await rows.count();
  const action = await rows.first().locator("button").nth(1).innerText();
  await rows.first().locator("button").nth(1).click();
  await page.waitForURL((url) => url.searchParams.get("action") === action);
  let shown: string[] = [];
  const actions = async () => {
    shown = await rows.locator("td:nth-child(4)").allInnerTexts();
    return [...new Set(shown)];
  };
  await expect.poll(actions).toEqual([action]);
  expect(shown.length).toBeLessThan(all);
  const started = page.waitForEvent("download");
  await link("Export CSV").click();
  const csv = await readFile(await (await started).path(), "utf8");
  const lines = csv.trim().split(/\r?\n/);
  expect(lines.length).toBe(shown.length + 1);
  for (const line of lines.slice(1)) expect(line).toContain(action);
  await page.getByLabel("Action").fill("no.such.action");
  await button("Apply filters").click();
  await page.getByText("No results").waitFor();
  await accessible(page);
  await button("Clear filters").first().click();
  await expect.poll(() => rows.count()).toBeGreaterThan(shown.length);
});

test("audit_report_says_what_is_wrong", async () => {
  const calls = "**/api/console/v1/audit**";
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  await page.route(calls, async (route) => {
    await held;
    await route.fulfill({
      status: 500,
      contentType: "application/problem+json",
      body: JSON.stringify({ status: 500, code: "internal", title: "Internal", detail: "The store is away.", requestId: "r-1" }),
    });
  });
  await page.reload();
  await page.locator('[aria-busy="true"]').waitFor();
  release();
  await page.getByText("The store is away.").waitFor();
  await accessible(page);
  await page.unroute(calls);
  await button("Try again").click();
  await page.getByRole("table").waitFor();
});

test("forbidden_pages_name_the_permission", async () => {
  const call = "**/api/console/v1/session";
  await page.route(call, async (route) => {
    const answer = await route.fetch();
    const session = (await answer.json()) as { permissions: string[] };
    await route.fulfill({ response: answer, json: { ...session, permissions: [] } });
  });
  const pages = [
    ["audit", "Audit Report", "audit"],
    ["security/api-scopes", "API Scopes", "view"],
    ["security/api-scopes/new", "New API Scope Mapping", "account"],
    ["security/keys", "Keys", "view"],
    ["security/settings", "Security Settings", "view"],
  ] as const;
  for (const [path, title, permission] of pages) {
    await page.goto(`${server.url}/admin/${path}`);
    await heading(title).waitFor();
    await page.getByText(`You need the permission ${permission}`).waitFor();
    await accessible(page);
  }
  await page.unroute(call);
});

test("public_key_app_has_no_secret_and_refuses_private_keys", async () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await page.goto(`${server.url}/builder/${botId}/settings/dev-tools/web-mobile-sdk?dialog=create`);
  const form = dialog("Create JWT App");
  await form.getByLabel("Name", { exact: false }).first().fill("Signed by key");
  await form.getByRole("combobox", { name: /Signing Algorithms/ }).click();
  await page.getByRole("option", { name: "RS256", exact: true }).click();
  const key = form.getByLabel("Public Key", { exact: false }).first();
  let sent = 0;
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/apps")) sent++;
  });
  await key.fill(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  await button("Next").click();
  await page.getByText("This is a private key.", { exact: false }).waitFor();
  expect(sent).toBe(0);
  await key.fill(publicKey.export({ type: "spki", format: "pem" }).toString());
  await form.getByRole("checkbox", { name: "Enforce JWE Encryption" }).check();
  await form.getByRole("checkbox", { name: /^Enforce Request and Response/ }).check();
  await form.getByRole("radio", { name: "Symmetric key" }).check();
  await button("Generate").click();
  await accessible(page);
  await button("Next").click();
  await page.getByText("Clients sign their tokens with their private key.").waitFor();
  expect(await page.getByTestId("secret").count()).toBe(0);
  await button("Done").click();
  await page.waitForURL(/\?app=cs-/);
  const fact = (label: string) => page.locator("dt", { hasText: label }).locator("+ dd").innerText();
  expect(await fact("Signing algorithm")).toBe("RS256");
  expect(await fact("Enforce JTI")).toBe("Off");
  expect(await fact("Enforce JWE")).toBe("On");
  expect(await fact("Payload encryption")).toBe("On");
  await accessible(page);
});

test("authenticator_app_is_set_up_with_its_key_as_text", async () => {
  await page.getByRole("button", { name: /^Account menu/ }).click();
  await page.getByRole("menuitem", { name: "My profile" }).click();
  await heading("My profile").waitFor();
  await page.getByRole("table").waitFor();
  await accessible(page);
  await button("Set up authenticator app").click();
  const form = dialog("Set up authenticator app");
  const key = await page.getByTestId("totp-key").innerText();
  expect(await form.getByRole("link", { name: "Open in an authenticator app" }).getAttribute("href")).toContain(
    key.replace(/\s/g, ""),
  );
  await accessible(page);
  await form.getByLabel("Code").fill("12");
  await button("Turn on").click();
  await page.getByText("Enter the six digits that the app shows.").waitFor();
  await form.getByLabel("Code").fill(totp(key));
  await button("Turn on").click();
  const codes = page.getByTestId("recovery-codes");
  recovery = (await codes.innerText()).trim().split(/\s+/);
  expect(recovery.length).toBeGreaterThanOrEqual(8);
  await accessible(page);
  await button("I have kept them").click();
  await page.getByText("Authenticator app is set up", { exact: true }).waitFor();
});

test("sign_out_everywhere_ends_this_session_too", async () => {
  await button("Sign out everywhere").click();
  await dialog("Sign out everywhere").getByRole("button", { name: "Sign out everywhere" }).click();
  await heading("Sign in").waitFor();
});

test("a_recovery_code_opens_the_account_once", async () => {
  await signIn(recovery[0] ?? "");
  await heading("Agents").waitFor();
  await page.goto(`${server.url}/me`);
  await page.getByText(`${recovery.length - 1} recovery codes left`).waitFor();
});

test("authenticator_app_is_removed", async () => {
  await button("Remove authenticator app").click();
  await dialog("Remove authenticator app")
    .getByRole("button", { name: "Remove authenticator app" })
    .click();
  await page.getByText("Not set up", { exact: true }).waitFor();
});

test("another_session_is_ended", async () => {
  const other = await browser.newContext();
  const answer = await other.request.post(`${server.url}/api/console/v1/session`, {
    data: { email: "owner@example.org", password },
    headers: { origin: server.url },
  });
  expect(answer.status()).toBe(200);
  await page.reload();
  const rows = page.getByRole("table").locator("tbody tr");
  await expect.poll(() => rows.count()).toBe(2);
  await page.getByRole("button", { name: /^End the session of/ }).click();
  await expect.poll(() => rows.count()).toBe(1);
  expect((await other.request.get(`${server.url}/api/console/v1/session`)).status()).toBe(401);
  await other.close();
});

test("deleting_an_admin_app_removes_its_scopes_after_typed_name", async () => {
  await page.goto(`${server.url}/admin`);
  await button("Delete Back office").click();
  const ask = dialog("Delete API scope mapping");
  const act = ask.getByRole("button", { name: "Delete", exact: true });
  expect(await act.isDisabled()).toBe(true);
  expect(await ask.getByRole("radio", { name: "App and its scopes" }).isChecked()).toBe(true);
  await accessible(page);
  await ask.getByLabel("Type Back office to confirm").fill("Back office");
  await act.click();
  await page.getByText("No admin app may call").waitFor();
  expect(await getSessions()).toBe(401);
  await link("Back to App Builder").click();
  await heading("Agents").waitFor();
});

test("the_content_security_policy_was_never_broken", () => {
  expect(faults).toEqual([]);
});
