import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser, startServer, type Server } from "./server";

/** Pictures of every page in both themes and at three widths, to be looked at. OMBUD_AGENT names another agent than our sample. */
const into = resolve(process.env.SCREENS ?? join(import.meta.dirname, "../../docs/screens"));
const agent = resolve(
  process.env.OMBUD_AGENT ?? join(import.meta.dirname, "../../samples/parcel-desk"),
);
const says = (process.env.OMBUD_SAYS ?? "where is my parcel|AB12345678|hello").split("|");
const password = "correct horse battery staple";

let server: Server;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const findings: string[] = [];

beforeAll(async () => {
  mkdirSync(into, { recursive: true });
  server = await startServer();
  browser = await openBrowser();
  context = await browser.newContext({ reducedMotion: "reduce" });
  page = await context.newPage();
  page.setDefaultTimeout(30_000);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

/** What `look` finds in the page once it finds nothing, or what it still finds after a while. */
async function settled(look: () => string[]): Promise<string[]> {
  let found: string[] = [];
  await expect
    .poll(async () => (found = await page.evaluate(look)).length, { timeout: 3_000 })
    .toBe(0)
    .catch(() => {});
  return found;
}

/** Takes a picture in each variant and lets axe look at each. */
async function shoot(name: string): Promise<void> {
  const variants = [
    { theme: "light", width: 1440 },
    { theme: "dark", width: 1440 },
    { theme: "light", width: 1024 },
    { theme: "light", width: 320 },
  ] as const;
  for (const { theme, width } of variants) {
    await page.setViewportSize({ width, height: width === 320 ? 640 : 860 });
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    const wide = await settled(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      if (scrollWidth <= clientWidth) return [];
      const far = (element: Element) => element.getBoundingClientRect().right > clientWidth + 1;
      const all = Array.from(document.querySelectorAll("body *")).filter(far);
      const leaves = all.filter((element) => !Array.from(element.children).some(far));
      return leaves.map((element) => `${element.tagName} ${element.className}`).slice(0, 5);
    });
    if (wide.length > 0) findings.push(`${name} ${width} too wide: ${wide.join(", ")}`);
    const { violations } = await new AxeBuilder({ page }).analyze();
    for (const v of violations) {
      const where = v.nodes.map((n) => n.target.join(" ")).join(", ");
      findings.push(`${name} ${theme} ${width}: ${v.id} ${where}`);
    }
    await page.screenshot({ path: join(into, `${name}-${theme}-${width}.png`) });
  }
  await page.setViewportSize({ width: 1440, height: 860 });
}

const button = (name: string) => page.getByRole("button", { name, exact: true });
const heading = (name: string) => page.getByRole("heading", { name, level: 1, exact: true }).waitFor();

/** Sends what the pages would, to have something to show. */
async function send(method: string, path: string, body: unknown): Promise<void> {
  const status = await page.evaluate(
    async ([method, path, body]) => {
      const { csrfToken } = (await (await fetch("/api/console/v1/session")).json()) as { csrfToken: string };
      const headers = { "content-type": "application/json", "x-csrf-token": csrfToken };
      return (await fetch(`/api/console/v1${path}`, { method, headers, body })).status;
    },
    [method, path, JSON.stringify(body)] as const,
  );
  expect(status, path).toBeLessThan(300);
}

/** The pages of training, testing, deploying and settings. */
async function training(bot: string): Promise<void> {
  const go = async (path: string, title: string) => {
    await page.goto(`${server.url}/builder/${bot}${path}`);
    await heading(title);
    await expect.poll(() => page.locator('[aria-busy="true"]').count(), { timeout: 15_000 }).toBe(0);
  };
  const dialog = async (name: string) => {
    await button(name).first().click();
    await page.getByRole("dialog").waitFor();
    await shoot(`${name.toLowerCase().replaceAll(" ", "-")}-dialog`);
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  };
  await go("/training/intents", "Training");
  await shoot("training");
  await dialog("Import");
  await go("/training/intents?tab=patterns", "Training");
  await page.getByLabel("Pattern", { exact: true }).fill("where {is} ~parcel *2 box");
  await page.getByLabel("Text", { exact: true }).fill("where is the box");
  await button("Try").click();
  await page.getByTestId("pattern-verdict").waitFor();
  await shoot("patterns");
  await go("/training/synonyms", "Bot Synonyms");
  await shoot("synonyms-empty");
  await send("PUT", `/agents/${bot}/training/synonyms`, { term: "courier", words: ["driver", "rider"] });
  await go("/training/synonyms", "Bot Synonyms");
  await shoot("synonyms");
  await dialog("New Synonym");
  await go("/training/traits", "Traits");
  await shoot("traits-empty");
  await dialog("New trait type");
  const traits = [
    { name: "Angry", lines: ["this is a scandal", "I am furious"] },
    { name: "Happy", lines: ["how lovely"] },
  ];
  await send("POST", `/agents/${bot}/training/traits`, { name: "Mood", traits });
  await go("/training/traits", "Traits");
  await shoot("traits");
  await dialog("Add trait");
  await send("POST", `/agents/${bot}/graph/nodes`, { label: "Prices", usage: "mandatory", synonyms: ["cost", "fees"] });
  await go("/faqs", "FAQs");
  await shoot("faqs");
  await page.getByRole("link", { name: /^Parcel Desk/ }).click();
  await page.getByRole("heading", { level: 2 }).waitFor();
  await shoot("faqs-node");
  await dialog("Edit or move");
  await dialog("Add FAQ");
  await go("/training/status", "Training Status");
  await button("Test now").click();
  await page.getByText(/^Cross-validation in/).waitFor({ timeout: 120_000 });
  await shoot("training-status");
  await go("/training/config", "NLU Config");
  await shoot("nlu-config");
  await go("/testing/utterance/explain", "Utterance Testing");
  await page.getByLabel("Type a user utterance").fill("where is my parcel");
  await button("Explain").click();
  await page.getByTestId("verdict").waitFor();
  await shoot("explain");
  await go("/testing/batch", "Regression Testing");
  await shoot("batch-empty");
  await dialog("New Test Suite");
  const content = "input,intent\nwhere is my parcel,Track parcel\nthe sky is blue,Track parcel\nmy box is broken,Report damaged parcel\n";
  await send("POST", `/agents/${bot}/test-suites`, { name: "Smoke", description: "Before each publish", format: "csv", content });
  await go("/testing/batch?suite=Smoke", "Regression Testing");
  for (const count of [1, 2]) {
    // the first run came with the suite
    if (count > 1) await button("Run").click();
    await expect.poll(() => page.getByRole("table", { name: "Runs of Smoke" }).getByText("Done").count(), { timeout: 60_000 }).toBe(count);
  }
  await shoot("batch");
  await page.getByRole("table", { name: "Runs of Smoke" }).getByRole("checkbox", { checked: false }).first().check();
  await page.getByRole("table", { name: "Figures of two runs" }).waitFor();
  await shoot("batch-compared");
  await go("/testing/conversation", "Regression Testing");
  await shoot("conversation-empty");
  await dialog("Import Test Suite");
  const testSteps = [{ input: "where is my parcel" }, { input: "hello", discardBefore: true, outputs: [{ text: "Good day" }] }];
  await send("POST", `/agents/${bot}/conversation-suites`, { name: "Smoke", tags: ["release"], content: JSON.stringify({ testSteps }) });
  await go("/testing/conversation", "Regression Testing");
  await expect
    .poll(async () => {
      await page.reload();
      await heading("Regression Testing");
      return button("Run").count();
    }, { timeout: 60_000, interval: 1_000 })
    .toBe(1);
  await button("Run").click();
  await page.getByRole("table", { name: "Runs of Smoke" }).getByText("Failed").waitFor({ timeout: 60_000 });
  await page.locator(".steps li").first().waitFor();
  await shoot("conversation");
  await go("/settings/variables/env", "Variables");
  await shoot("variables");
  await dialog("Add Variable");
  await go("/settings/languages", "Language Management");
  await shoot("languages");
  await dialog("Add language");
  await go("/settings/change-logs", "Change Logs");
  await shoot("change-logs");
  await go("/deploy/versions", "App Versions");
  await shoot("versions-empty");
  await dialog("New Version");
  await send("POST", `/agents/${bot}/versions`, { name: "Before the change", description: "As it was on Monday" });
  await send("POST", `/agents/${bot}/training/traits`, { name: "Topic", traits: [{ name: "Money", lines: ["cash"] }] });
  await go("/deploy/versions?left=1&right=draft", "App Versions");
  await page.getByRole("table", { name: "Differences" }).waitFor();
  await shoot("versions");
  await go("/deploy/import", "Import & Export");
  await page.getByRole("radio", { name: "Incremental Import" }).check();
  await shoot("import-into");
  await go("/deploy/export", "Import & Export");
  await button("Export").click();
  await page.getByText("The export is ready").waitFor({ timeout: 60_000 });
  await shoot("export");
  await page.goto(`${server.url}/builder/data/apps`);
  await heading("Apps");
  await shoot("data-apps");
  await page.getByRole("button", { name: "New App" }).first().click();
  await page.getByRole("dialog").waitFor();
  await shoot("new-data-app");
}

test("every page is shown in both themes and at three widths", async () => {
  await page.goto(`${server.url}/setup`);
  await heading("Set up Ombud");
  await shoot("setup");
  await page.getByLabel("One-time code").fill(server.setupCode);
  await page.getByLabel("Account name").fill("Acme");
  await page.getByLabel("E-mail").fill("owner@example.org");
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await button("Create account").click();
  await heading("Agents");
  await shoot("agents-empty");
  const made = await server.run("agent", "import", agent);
  const bot = String(made.botId);
  await page.goto(`${server.url}/builder?dialog=import`);
  await page.getByRole("dialog").waitFor();
  await shoot("import");
  await server.run("agent", "train", bot);
  await page.goto(`${server.url}/builder`);
  await page.getByRole("table").waitFor();
  await shoot("agents");
  await page.goto(`${server.url}/builder/${bot}`);
  await page.getByRole("heading", { name: "Import report" }).waitFor();
  await shoot("summary");
  await page.getByRole("button", { name: /^Jobs/ }).click();
  await page.getByRole("dialog").waitFor();
  await shoot("jobs");
  const tools = `${server.url}/builder/${bot}/settings/dev-tools`;
  await page.goto(`${tools}/web-mobile-sdk`);
  await heading("Web/Mobile SDK");
  await button("Add").waitFor();
  await shoot("sdk-empty");
  await button("Add").click();
  await page.getByRole("dialog").waitFor();
  await shoot("create-app");
  await page.getByLabel("Name", { exact: false }).first().fill("Parcel API");
  await button("Next").click();
  await page.getByText("App created successfully").waitFor();
  await shoot("create-app-result");
  await button("Done").click();
  await page.waitForURL(/\?app=cs-/);
  await shoot("sdk");
  const app = new URL(page.url()).searchParams.get("app") ?? "";
  await page.getByRole("link", { name: "Generate token" }).click();
  await heading("Generate JWT token");
  await page.getByRole("textbox", { name: "Verify Signature" }).fill("a secret of nobody");
  await page.locator("[data-part]").first().waitFor();
  await shoot("token");
  await page.goto(`${tools}/web-mobile-sdk?app=${app}&dialog=manage`);
  await page.getByRole("dialog").waitFor();
  await shoot("manage-apps");
  await page.goto(`${tools}/api-scope`);
  await page.getByText("No app may call").waitFor();
  await shoot("scopes-empty");
  await page.goto(`${tools}/api-scope/new?app=${app}`);
  await page.getByRole("checkbox", { name: "Chat History", exact: true }).check();
  await page.getByRole("checkbox", { name: "Bot Sessions", exact: true }).check();
  await page.getByRole("checkbox", { name: "Debug Logs", exact: true }).check();
  await shoot("scope-form");
  await button("Save").click();
  await heading("API Scope");
  await page.getByRole("table").waitFor();
  await shoot("scopes");
  await page.goto(`${server.url}/builder/${bot}/deploy/publish`);
  await page.getByText("Scope mappings that change").waitFor();
  await shoot("publish");
  await button("Next").click();
  await page.getByLabel("Comment").waitFor();
  await shoot("publish-comment");
  await page.goto(`${server.url}/builder/${bot}/testing/utterance`);
  for (const text of says) {
    const answers = page.locator(".bubble:not([data-own])");
    const before = await answers.count();
    await page.getByLabel("Type a user utterance").fill(text);
    await button("Send").click();
    await expect.poll(() => answers.count(), { timeout: 15_000 }).toBeGreaterThan(before);
  }
  await shoot("chat");
  await training(bot);
  await page.goto(`${server.url}/admin`);
  await page.getByText("No admin app may call").waitFor();
  await shoot("admin-scopes-empty");
  await page.goto(`${server.url}/admin/security/api-scopes/new?dialog=new-app`);
  const form = page.getByRole("dialog", { name: "New App" });
  await form.getByLabel("Name", { exact: false }).first().fill("Back office");
  await form.getByRole("checkbox", { name: /^Enforce Request and Response/ }).check();
  await shoot("new-admin-app");
  await form.getByRole("checkbox", { name: /^Enforce Request and Response/ }).uncheck();
  await form.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("App created successfully").waitFor();
  await button("Done").click();
  await page.getByRole("checkbox", { name: "Chat History", exact: true }).check();
  await page.getByRole("checkbox", { name: "User Management", exact: true }).check();
  await shoot("admin-scope-form");
  await button("Save").click();
  await heading("API Scopes");
  await page.getByRole("table").waitFor();
  await shoot("admin-scopes");
  await page.goto(`${server.url}/admin/security/settings`);
  await page.getByRole("checkbox", { name: "Require expiry" }).waitFor();
  await shoot("security");
  await page.goto(`${server.url}/admin/security/keys`);
  await page.getByRole("table").waitFor();
  await shoot("keys");
  await page.goto(`${server.url}/admin/audit`);
  await page.getByRole("table").waitFor();
  await shoot("audit");
  await page.goto(`${server.url}/me`);
  await page.getByRole("table").waitFor();
  await shoot("profile");
  await button("Set up authenticator app").click();
  await page.getByTestId("totp-key").waitFor();
  await shoot("authenticator");
  await page.goto(`${server.url}/builder/st-nothing`);
  await heading("Not found");
  await shoot("unknown-agent");
  await page.goto(`${server.url}/nowhere`);
  await heading("Not found");
  await shoot("not-found");
  await context.clearCookies();
  await page.goto(`${server.url}/sign-in`);
  await heading("Sign in");
  await shoot("sign-in");
  expect(findings).toEqual([]);
});
