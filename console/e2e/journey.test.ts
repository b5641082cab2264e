import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible } from "./accessible";
import { zipped } from "./agent";
import { openBrowser, startServer, token, type Server } from "./server";

let server: Server;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let board: Page;
let botId = "";
let clientId = "";
let secret = "";
const password = "correct horse battery staple";
/** Every address and body that the browser sent. */
const sent: string[] = [];
const faults: string[] = [];

const button = (name: string) => page.getByRole("button", { name, exact: true });
const link = (name: string) => page.getByRole("link", { name, exact: true });
const heading = (name: string) => page.getByRole("heading", { name, level: 1, exact: true });

async function findIntent(auth = token(clientId, secret)): Promise<number> {
  const answer = await fetch(`${server.url}/api/v1.1/rest/bot/${botId}/findIntent`, {
    method: "POST",
    headers: { auth, "content-type": "application/json" },
    body: JSON.stringify({ input: "where is my parcel", streamName: "Parcel desk" }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

async function sessions(): Promise<number> {
  const answer = await fetch(`${server.url}/api/public/bot/${botId}/getSessions`, {
    method: "POST",
    headers: { auth: token(clientId, secret), "content-type": "application/json" },
    body: "{}",
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** What was copied, seen from a page that may read it: the console's own may not. */
async function copied(): Promise<string> {
  await board.bringToFront();
  const text = await board.evaluate(() => navigator.clipboard.readText());
  await page.bringToFront();
  return text;
}

async function openGroup(name: string): Promise<void> {
  const group = page.getByRole("navigation").getByRole("button", { name });
  if ((await group.getAttribute("aria-expanded")) !== "true") await group.click();
}

beforeAll(async () => {
  server = await startServer();
  browser = await openBrowser();
  context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    permissions: ["clipboard-read", "clipboard-write"],
    reducedMotion: "reduce",
  });
  board = await context.newPage();
  await board.goto(`${server.url}/health`);
  page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) faults.push(message.text());
  });
  page.on("request", (request) => {
    const body = request.method() === "GET" ? "" : (request.postDataBuffer()?.toString("latin1") ?? "");
    sent.push(`${request.url()} ${body}`);
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test("first_run_makes_the_owner_and_signs_in", async () => {
  await page.goto(`${server.url}/builder`);
  await heading("Set up Ombud").waitFor();
  await accessible(page);
  await page.getByLabel("One-time code").fill(server.setupCode);
  await page.getByLabel("Account name").fill("Acme");
  await page.getByLabel("E-mail").fill("owner@example.org");
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await button("Create account").click();
  await heading("Agents").waitFor();
  await accessible(page);
});

test("new_agent_from_a_zip", async () => {
  await button("New App").click();
  await page.getByRole("menuitem", { name: "Import App" }).click();
  await page.getByLabel("App Name").fill("Parcel desk");
  await page.getByLabel("Zip File").check();
  await accessible(page);
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: /^Zip file/ }).click();
  await (await chooser).setFiles({
    name: "parcel.zip",
    mimeType: "application/zip",
    buffer: zipped(),
  });
  await button("Create App").click();
  await button("Open agent").click();
  await heading("Summary").waitFor();
  botId = /\/builder\/([^/?]+)/.exec(page.url())?.[1] ?? "";
  expect(botId).toMatch(/^st-/);
  await accessible(page);
});

test("training_shows_progress_and_ends", async () => {
  await button("Train").click();
  await page.getByText("Training finished").waitFor();
});

test("jwt_app_page_is_reached_by_the_documented_trail", async () => {
  await openGroup("App Settings");
  await link("Web/Mobile SDK").click();
  await heading("Web/Mobile SDK").waitFor();
});

test("first_app_uses_add", async () => {
  await button("Add").click();
  await page.getByRole("dialog", { name: "Create JWT App" }).waitFor();
  await accessible(page);
});

test("app_name_is_required_and_unique", async () => {
  await button("Next").click();
  await page.getByText("This field is required.").waitFor();
});

test("algorithm_default_is_hs256", async () => {
  const name = "JWT Signing Algorithms Used For Client App Authentication";
  expect(await page.getByRole("combobox", { name }).inputValue()).toBe("HS256");
});

test("next_creates_and_done_selects_the_app", async () => {
  await page.getByLabel("Name", { exact: false }).first().fill("Parcel API");
  await button("Next").click();
  await page.getByText("App created successfully").waitFor();
  await accessible(page);
  await button("Done").click();
  await page.waitForURL(/\?app=cs-/);
  clientId = new URL(page.url()).searchParams.get("app") ?? "";
  const picker = page.getByRole("combobox", { name: "JWT App" });
  await expect.poll(() => picker.inputValue()).toBe("Parcel API");
});

test("chosen_app_shows_id_and_masked_secret", async () => {
  await page.getByText(botId, { exact: true }).waitFor();
  await page.getByText(clientId, { exact: true }).waitFor();
  expect(await page.getByTestId("secret").innerText()).toBe("••••••••");
  await button("Reveal client secret").click();
  const proof = page.getByRole("dialog", { name: "Confirm that it is you" });
  await proof.or(button("Hide")).waitFor();
  if (await proof.isVisible()) {
    await proof.getByRole("textbox", { name: "Password" }).fill(password);
    await proof.getByRole("button", { name: "Confirm", exact: true }).click();
  }
  await button("Hide").waitFor();
  secret = await page.getByTestId("secret").innerText();
  expect(secret).not.toBe("••••••••");
  await button("Hide").click();
  await accessible(page);
});

test("further_app_uses_the_drop_down", async () => {
  await page.getByRole("combobox", { name: "JWT App" }).click();
  await page.getByRole("option", { name: "Create JWT App" }).click();
  const dialog = page.getByRole("dialog", { name: "Create JWT App" });
  await dialog.getByLabel("Name", { exact: false }).first().fill("parcel api");
  await button("Next").click();
  await page.getByText("An app with this name exists already.").waitFor();
  await button("Cancel").click();
  await button("Discard").click();
  await dialog.waitFor({ state: "hidden" });
});

test("create_api_scope_opens_new_mapping", async () => {
  await link("API Scope").click();
  await link("Create API Scope").click();
  await heading("New API Scope Mapping").waitFor();
});

test("mapping_offers_linked_apps", async () => {
  await page.getByRole("combobox", { name: "JWT App" }).click();
  await page.getByRole("option", { name: "Parcel API", exact: true }).click();
});

test("mapping_shows_credentials_to_copy", async () => {
  await button("Copy Client ID").click();
  await expect.poll(copied).toBe(clientId);
  await button("Copy Client Secret").click();
  await expect.poll(copied).toBe(secret);
  await page.evaluate(() => navigator.clipboard.writeText(""));
});

test("the_23_documented_scopes_are_named_verbatim", async () => {
  const names = [
    "Intent and Entity Detection", "User Engagement Trend", "Batch Tests Execution",
    "Batch Tests Management", "Chat History", "Debug Logs", "Bot Export", "Import Variables",
    "Export Variables", "Proactive Messages", "Train ML", "Train FAQ", "Utterances Import",
    "Utterances Export", "Logs History", "Bot Sessions", "Billing Sessions", "Custom Reports",
    "RCS Message Events", "Metrics", "Manage Knowledge Graph", "NLP Configurations", "Update FAQs",
  ];
  expect(names).toHaveLength(23);
  for (const name of names) {
    expect(await page.getByRole("checkbox", { name, exact: true }).count(), name).toBe(1);
  }
});

test("saved_mapping_is_listed_as_not_yet_published", async () => {
  await page.getByRole("checkbox", { name: "Intent and Entity Detection", exact: true }).check();
  await page.getByText("1 selected").waitFor();
  await accessible(page);
  await button("Save").click();
  await heading("API Scope").waitFor();
  await page.getByText("Not yet published", { exact: true }).waitFor();
  await accessible(page);
});

test("scope_acts_only_after_publish", async () => {
  expect(await findIntent()).not.toBe(200);
  await link("Go to Publish").click();
  await heading("Publish").waitFor();
});

test("everything_is_ticked_at_first", async () => {
  const parts = ["TASKS & LANGUAGES", "NATURAL LANGUAGE", "CHANNELS", "EXTENSIONS", "SETTINGS"];
  for (const name of parts) expect(await page.getByRole("checkbox", { name }).isChecked()).toBe(true);
  await accessible(page);
});

test("publish_needs_a_comment", async () => {
  await button("Next").click();
  await button("Confirm").click();
  await page.getByText("Say in a few words what changed.").waitFor();
  await page.getByLabel("Comment").fill("first scopes");
  await button("Confirm").click();
  await page.getByText("Published: 5 parts").waitFor();
});

test("created_app_signs_a_token_the_api_accepts", async () => {
  expect(await findIntent()).toBe(200);
});

test("token_page_signs_a_token_the_api_accepts", async () => {
  await openGroup("App Settings");
  await link("Web/Mobile SDK").click();
  await page.getByRole("combobox", { name: "JWT App" }).click();
  await page.getByRole("option", { name: "Parcel API", exact: true }).click();
  const asked = sent.length;
  await link("Generate token").click();
  await heading("Generate JWT token").waitFor();
  expect(page.url()).toBe(`${server.url}/tools/jwt?appId=${clientId}`);
  const copy = button("Copy JWT");
  expect(await copy.isDisabled()).toBe(true);
  await button("Add exp (5 min)").click();
  await page.getByRole("textbox", { name: "Verify Signature" }).fill(secret);
  await expect.poll(() => copy.isEnabled()).toBe(true);
  await accessible(page);
  await copy.click();
  let made = "";
  await expect.poll(async () => (made = await copied())).toMatch(/^ey/);
  await page.evaluate(() => navigator.clipboard.writeText(""));
  expect(await findIntent(made)).toBe(200);
  expect(sent.slice(asked).filter((line) => line.includes("/api/"))).toEqual([]);
  await page.goto(`${server.url}/builder/${botId}`);
});

test("unticked_scope_is_refused_by_the_api", async () => {
  expect(await sessions()).toBe(403);
});

test("utterance_result_explains_each_engine", async () => {
  await openGroup("Automation AI");
  await link("Utterance Testing").click();
  await page.getByLabel("Type a user utterance").fill("where is my parcel");
  await button("Send").click();
  await page.getByTestId("winner").waitFor();
  expect(await page.getByTestId("winner").innerText()).toContain("Track parcel");
  expect(await page.locator(".bubble:not([data-own])").first().innerText()).not.toBe("");
  await accessible(page);
});

test("no_secret_is_left_behind", async () => {
  const kept = await page.evaluate(async () =>
    JSON.stringify([
      { ...localStorage },
      { ...sessionStorage },
      history.state,
      location.href,
      document.cookie,
      (await indexedDB.databases()).map((db) => db.name),
      await caches.keys(),
      document.documentElement.outerHTML,
    ]),
  );
  expect(secret.length).toBeGreaterThan(20);
  for (const hidden of [secret, password]) {
    expect(kept.includes(hidden)).toBe(false);
    expect(sent.filter((line) => (line.split(" ")[0] ?? "").includes(encodeURIComponent(hidden)))).toEqual([]);
  }
  expect(sent.filter((line) => line.includes(secret))).toEqual([]);
});

test("deleting_an_agent_needs_its_typed_name", async () => {
  await page.goto(`${server.url}/builder`);
  await page.getByRole("button", { name: "Actions for Parcel desk" }).click();
  await page.getByRole("menuitem", { name: "Delete agent" }).click();
  const act = button("Delete agent");
  expect(await act.isDisabled()).toBe(true);
  await page.getByLabel("Type Parcel desk to confirm").fill("Parcel desk");
  await act.click();
  await page.getByText("No agent yet.", { exact: false }).waitFor();
});

test("signing_out_ends_the_session", async () => {
  await page.getByRole("button", { name: /^Account menu/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await heading("Sign in").waitFor();
  await accessible(page);
  await page.getByLabel("E-mail").fill("owner@example.org");
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await button("Sign in").click();
  await heading("Agents").waitFor();
});

test("the_content_security_policy_was_never_broken", () => {
  expect(faults).toEqual([]);
});
