import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { accessible } from "./accessible";
import { withoutDialogs, zipped } from "./agent";
import { openBrowser, startServer, type Server } from "./server";

let server: Server;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let botId = "";
const password = "correct horse battery staple";
const faults: string[] = [];

const button = (name: string) => page.getByRole("button", { name, exact: true });
const link = (name: string) => page.getByRole("link", { name, exact: true });
const heading = (name: string) => page.getByRole("heading", { name, level: 1, exact: true });
const dialog = (name: string) => page.getByRole("dialog", { name, exact: true });
const at = (path: string) => `${server.url}/builder/${botId}${path}`;

beforeAll(async () => {
  server = await startServer();
  browser = await openBrowser();
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
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
  await server.run("agent", "train", botId);
});

afterEach(async (context) => {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${context.task.name}.png`, fullPage: true });
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test("utterances_are_added_many_at_once_and_counted_once", async () => {
  await page.goto(at(""));
  await page.getByRole("navigation").getByRole("button", { name: "Automation AI" }).click();
  await link("Training").click();
  await heading("Training").waitFor();
  await page.getByRole("link", { name: /^Track parcel/ }).click();
  await page.getByRole("heading", { name: "Track parcel", level: 2 }).waitFor();
  await accessible(page);
  await page.getByLabel("New utterances").fill("has my box moved\nwhere is my parcel\n\nwhat about the letter from Leeds");
  await button("Add").click();
  await page.getByText("2 utterances added, 1 there already").waitFor();
  await page.getByRole("cell", { name: "has my box moved", exact: true }).waitFor();
  await page.getByText("Changed since training").waitFor();
});

test("words_are_tagged_by_keyboard_and_shown_marked", async () => {
  await button("Edit: what about the letter from Leeds").click();
  const form = dialog("Edit utterance");
  const field = form.getByLabel("Utterance", { exact: true });
  await field.focus();
  await page.keyboard.press("End");
  for (let i = 0; i < "Leeds".length; i++) await page.keyboard.press("Shift+ArrowLeft");
  await form.getByRole("button", { name: "Tag the chosen words" }).or(form.getByRole("button", { name: "Tag “Leeds”" })).waitFor();
  await form.getByRole("combobox", { name: "Entity" }).click();
  await page.getByRole("option").first().click();
  await form.getByRole("button", { name: "Tag “Leeds”" }).click();
  await form.getByText(/^“Leeds” is /).waitFor();
  await accessible(page);
  // words in front of the tag change, and the tag stays on its word
  await field.fill("any news of the letter from Leeds");
  await form.getByText(/^“Leeds” is /).waitFor();
  await form.getByRole("button", { name: "Save" }).click();
  await form.waitFor({ state: "hidden" });
  const mark = page.locator("mark.entity");
  await mark.waitFor();
  expect(await mark.innerText()).toMatch(/^Leeds/);
});

test("an_utterance_of_two_intents_is_flagged", async () => {
  await page.getByLabel("Search intents").fill("damaged");
  await page.getByRole("link", { name: /damaged/i }).first().click();
  await page.getByLabel("New utterances").fill("has my box moved");
  await button("Add").click();
  await page.getByText("Also in Track parcel").waitFor();
  await accessible(page);
});

test("removing_utterances_asks_first_and_names_how_many", async () => {
  await page.getByRole("checkbox", { name: "Tick: has my box moved" }).check();
  await button("Remove 1 utterance").click();
  const form = dialog("Remove utterances");
  await expect.poll(() => form.getByRole("button", { name: "Cancel" }).evaluate((e) => e === document.activeElement)).toBe(true);
  await form.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByText("1 utterance removed").waitFor();
  await page.getByText("Also in Track parcel").waitFor({ state: "detached" });
});

test("patterns_are_saved_and_a_stale_page_is_told", async () => {
  await page.getByRole("tab", { name: /^Patterns/ }).click();
  await page.getByText("Negative patterns are kept but not looked at").waitFor();
  const plain = page.getByLabel("Patterns", { exact: true });
  await plain.fill("broken * parcel\nmy parcel arrived wet");
  await page.getByText("Unsaved").waitFor();
  await accessible(page);
  const other = await context.newPage();
  await other.goto(page.url());
  await other.getByLabel("Negative patterns").fill("not broken");
  await other.getByRole("button", { name: "Save" }).click();
  await other.getByText(/^Patterns of .* saved$/).waitFor();
  await other.close();
  await link("Bot Synonyms").click();
  await dialog("Leave without saving?").getByRole("button", { name: "Stay" }).click();
  await button("Save").click();
  await page.getByText("Somebody else changed this meanwhile").waitFor();
  await button("Load theirs").click();
  await expect.poll(() => page.getByLabel("Negative patterns").inputValue()).toBe("not broken");
  await plain.fill("broken * parcel");
  await button("Save").click();
  await page.getByText(/^Patterns of .* saved$/).waitFor();
});

test("synonym_is_saved_on_enter", async () => {
  await link("Bot Synonyms").click();
  await heading("Bot Synonyms").waitFor();
  await button("New Synonym").click();
  const form = dialog("New Synonym");
  await form.getByLabel("Name").fill("courier");
  const words = form.getByRole("combobox", { name: "Words" }).or(form.getByRole("textbox", { name: "Words" }));
  await words.first().fill("driver");
  await page.keyboard.press("Enter");
  await accessible(page);
  await form.getByRole("button", { name: "Save" }).click();
  await page.getByText("courier saved").waitFor();
  const row = page.getByLabel("Words of courier");
  await row.first().fill("rider");
  const written = page.waitForResponse((answer) => answer.request().method() === "PUT");
  await page.keyboard.press("Enter");
  expect((await written).status()).toBe(204);
  await page.reload();
  await heading("Bot Synonyms").waitFor();
  await page.getByText("rider").waitFor();
  await accessible(page);
});

test("utterance_result_explains_each_engine", async () => {
  await link("Utterance Testing").click();
  await link("Single utterance").click();
  await page.getByText("The decision about an utterance appears here").waitFor();
  await accessible(page);
  await page.getByLabel("Type a user utterance").fill("where is my parcel");
  await button("Explain").click();
  await page.getByTestId("verdict").getByText("One match").waitFor();
  for (const engine of ["Machine learning", "Fundamental meaning", "Knowledge graph"]) {
    await page.getByRole("heading", { name: engine, level: 3 }).waitFor();
  }
  const ranking = page.getByRole("table", { name: "Candidates" });
  await ranking.getByText("Winner").waitFor();
  expect(await ranking.getByRole("row").count()).toBeGreaterThan(1);
  await page.getByText(/^Tier a/).waitFor();
  await accessible(page);
  await page.getByLabel("Type a user utterance").fill("the sky over the sea is blue today");
  await button("Explain").click();
  await page.getByTestId("verdict").getByText("No match").waitFor();
});

test("faq_with_alternates_answers_after_training", async () => {
  await link("FAQs").click();
  await heading("FAQs").waitFor();
  await accessible(page);
  await button("Add FAQ").click();
  const form = dialog("Add FAQ");
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByText("must have at least one answer").waitFor();
  await form.getByLabel("Question", { exact: false }).first().fill("Do you deliver by drone");
  await form.getByLabel("Alternate Questions").fill("flying delivery\n|| drone * parcel");
  await form.getByLabel("Bot Response").fill("No, by van.");
  await accessible(page);
  await form.getByRole("button", { name: "Save" }).click();
  await page.getByText("FAQ saved").waitFor();
  await page.getByLabel("Search questions").fill("drone");
  await button("Edit: Do you deliver by drone").click();
  await dialog("Edit FAQ").getByLabel("Bot Response").fill("No, by van only.");
  await dialog("Edit FAQ").getByRole("button", { name: "Save" }).click();
  await page.getByRole("cell", { name: /No, by van only/ }).waitFor();
  await button("Train").click();
  await page.getByText("Training finished").waitFor({ timeout: 120_000 });
  await link("Utterance Testing").click();
  await link("Single utterance").click();
  await page.getByLabel("Type a user utterance").fill("is there a drone with my parcel");
  await button("Explain").click();
  await page.getByTestId("verdict").getByText("Do you deliver by drone").waitFor();
});

test("training_shows_tier_history_and_what_is_confused", async () => {
  await link("Training Status").click();
  await heading("Training Status").waitFor();
  await page.getByText("models use tier a, words and characters").waitFor();
  await page.getByRole("table", { name: "Trainings", exact: true }).getByText("Done").first().waitFor();
  await page.getByText("Not tested yet").waitFor();
  await accessible(page);
  await button("Test now").click();
  await page.getByText(/^Cross-validation in 3 parts/).waitFor({ timeout: 120_000 });
  await page.getByRole("table", { name: "By intent" }).getByRole("link", { name: "Track parcel" }).waitFor();
  await accessible(page);
  // left and found again
  await page.reload();
  await page.getByText(/^Cross-validation in 3 parts/).waitFor();
});

test("suite_from_lines_runs_and_two_runs_are_compared", async () => {
  await link("Regression Testing").click();
  await heading("Regression Testing").waitFor();
  await accessible(page);
  await button("New Test Suite").click();
  const form = dialog("New Test Suite");
  await form.getByRole("textbox", { name: "Name" }).fill("Smoke");
  await form
    .getByRole("textbox", { name: "Utterances" })
    .fill("where is my parcel => Track parcel\nmy box is broken => Report damaged parcel\nwhen do you open => Prices\nthe sky is blue");
  await accessible(page);
  await form.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Smoke", level: 2 }).waitFor();
  await page.getByRole("table", { name: "Runs of Smoke" }).getByText("Done").waitFor({ timeout: 60_000 });
  await page.getByRole("region", { name: "What was expected, and what was found" }).waitFor();
  await page.getByRole("cell", { name: "when do you open" }).waitFor();
  await accessible(page);
  await button("Run").click();
  await expect.poll(() => page.getByRole("table", { name: "Runs of Smoke" }).getByText("Done").count(), { timeout: 60_000 }).toBe(2);
  await page.getByRole("table", { name: "Runs of Smoke" }).getByRole("checkbox", { checked: false }).first().check();
  await page.getByText("Both runs found the same for every utterance.").waitFor();
  await accessible(page);
});

test("settings_are_kept_within_their_ranges_and_saved", async () => {
  await link("NLU Config").click();
  await heading("NLU Config").waitFor();
  await page.getByLabel("Minimum probability").fill("0.4");
  await page.getByRole("checkbox", { name: "Negative patterns" }).check();
  await page.getByText("2 settings unsaved").waitFor();
  await accessible(page);
  await button("Save").click();
  await page.getByText("Settings saved").waitFor();
  await page.reload();
  await expect.poll(() => page.getByLabel("Minimum probability").inputValue()).toBe("0.4");
  expect(await page.getByRole("checkbox", { name: "Negative patterns" }).isChecked()).toBe(true);
  await page.getByLabel("Found from (percent)").fill("90");
  await button("Save").click();
  await page.getByText(/must not be above/).waitFor();
  await page.getByLabel("Found from (percent)").fill("60");
});

test("secure_variable_is_masked", async () => {
  await page.getByRole("navigation", { name: "Navigation" }).getByRole("button", { name: "App Settings" }).click();
  await link("Variables").click();
  await heading("Variables").waitFor();
  await button("Add Variable").first().click();
  const form = dialog("Add Variable");
  await form.getByLabel("Variable Name").fill("pay-key");
  await form.getByLabel("Value").fill("sesame-4711");
  await form.getByRole("checkbox", { name: "Secure" }).check();
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByText("must have 1 to 255 characters and no hyphen").first().waitFor();
  await accessible(page);
  await form.getByLabel("Variable Name").fill("payKey");
  await form.getByRole("button", { name: "Save" }).click();
  await page.getByText("payKey saved").waitFor();
  await page.getByRole("row", { name: /payKey/ }).getByText("Set, not shown").waitFor();
  await button("Edit payKey").click();
  expect(await dialog("Edit variable").getByLabel("Value").inputValue()).toBe("");
  await dialog("Edit variable").getByLabel("Notes").fill("of the shop");
  await dialog("Edit variable").getByRole("button", { name: "Save" }).click();
  await page.getByText("of the shop").waitFor();
  expect(await page.content()).not.toContain("sesame-4711");
  await accessible(page);
});

test("languages_are_added_and_disabled_and_the_log_tells", async () => {
  await link("Language Management").click();
  await heading("Language Management").waitFor();
  await accessible(page);
  await button("Add language").click();
  const form = dialog("Add language");
  await form.getByRole("combobox", { name: "Language" }).fill("German");
  await page.getByRole("option", { name: /German/ }).click();
  await form.getByRole("button", { name: "Add language" }).click();
  await page.getByText("German added").waitFor();
  await button("Disable German").click();
  await page.getByText("German disabled").waitFor();
  await link("Change Logs").click();
  await heading("Change Logs").waitFor();
  for (const said of ["Language disabled", "Language added", "Variable added", "NLP settings changed", "FAQ added"]) {
    await page.getByRole("cell", { name: said, exact: true }).first().waitFor();
  }
  await accessible(page);
});

test("two_versions_show_their_differences_and_restore_replaces_the_draft_only", async () => {
  await page.getByRole("navigation", { name: "Navigation" }).getByRole("button", { name: "Deploy" }).click();
  await link("App Versions").click();
  await heading("App Versions").waitFor();
  await page.getByText("No version yet").waitFor();
  await accessible(page);
  await button("New Version").click();
  await dialog("New Version").getByLabel("Version Name").fill("Before the letters");
  await accessible(page);
  await button("New App Version").click();
  await page.getByText("Before the letters created").waitFor();
  await page.goto(at("/training/intents"));
  await page.getByRole("link", { name: /^Track parcel/ }).click();
  await page.getByLabel("New utterances").fill("where did my letter go");
  await button("Add").click();
  await page.getByText("1 utterance added").waitFor();
  await page.goto(at("/deploy/versions"));
  await page.getByRole("checkbox", { name: "Compare Draft" }).check();
  await page.getByRole("checkbox", { name: "Compare Before the letters" }).check();
  await button("Compare").click();
  await page.getByRole("heading", { name: "From Before the letters to Draft" }).waitFor();
  await page.getByRole("table", { name: "Differences" }).getByText("Added").first().waitFor();
  await accessible(page);
  await button("Restore Before the letters").click();
  await dialog("Restore version").getByRole("button", { name: "Restore" }).click();
  await page.getByText("Before the letters is the draft now").waitFor();
  await page.goto(at("/training/intents"));
  await page.getByRole("link", { name: /^Track parcel/ }).click();
  await page.getByRole("cell", { name: "where is my parcel", exact: true }).waitFor();
  expect(await page.getByText("where did my letter go").count()).toBe(0);
});

test("incremental_import_offers_components_and_an_export_can_be_fetched", async () => {
  await page.goto(at("/deploy/import"));
  await heading("Import & Export").waitFor();
  await page.getByRole("radio", { name: "Incremental Import" }).check();
  await button("Proceed").click();
  await page.getByText("Tick at least one component.").waitFor();
  await accessible(page);
  await page.getByRole("checkbox", { name: "Synonyms and concepts" }).check();
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: /^Files/ }).click();
  await (await chooser).setFiles({ name: "parcel.zip", mimeType: "application/zip", buffer: zipped() });
  await button("Proceed").click();
  await page.getByText("Import done").waitFor({ timeout: 60_000 });
  await page.goto(at("/training/synonyms"));
  await page.getByText("package").waitFor();
  expect(await page.getByText("courier").count()).toBe(0);
  await page.goto(at("/deploy/export"));
  await page.getByRole("radio", { name: "Chosen components" }).check();
  await page.getByRole("checkbox", { name: "Variables" }).check();
  await accessible(page);
  await button("Export").click();
  await page.getByText("The export is ready").waitFor({ timeout: 60_000 });
  const download = page.waitForEvent("download");
  await link("Download").click();
  expect((await download).suggestedFilename()).toMatch(/\.zip$/);
});

test("agent_without_dialog_cannot_be_linked", async () => {
  const sample = join(import.meta.dirname, "../../samples/parcel-desk");
  await server.run("agent", "import", sample, "--name", "Parcel Child");
  await server.run("agent", "import", withoutDialogs(), "--name", "Parcel Bare");
  await page.goto(at(""));
  await page.getByRole("navigation").getByRole("button", { name: "Flows & Channels" }).click();
  await link("Linked Apps").click();
  await heading("Linked Apps").waitFor();
  await button("+Link Apps").click();
  const bare = dialog("Link Apps").getByRole("checkbox", { name: "Parcel Bare" });
  await bare.waitFor();
  expect(await bare.isDisabled()).toBe(true);
  await page.getByText("Cannot be linked: it has no dialog.").waitFor();
  await accessible(page);
  await dialog("Link Apps").getByRole("checkbox", { name: "Parcel Child" }).check();
  await button("Save").click();
  await page.getByText("Links saved").waitFor();
  const row = page.getByRole("row", { name: /Parcel Child/ });
  await row.getByText("Up to date").waitFor();
  await accessible(page);
  await button("Sync Updates").click();
  await page.getByText("The links are up to date").waitFor();
  // the child says who links it, and links nobody itself
  await row.getByRole("link", { name: "Parcel Child" }).click();
  await page.waitForURL((url) => /\/builder\/st-[^/]+$/.test(url.pathname));
  await link("Linked Apps").click();
  await page.getByText("This agent is linked by").waitFor();
  expect(await button("+Link Apps").count()).toBe(0);
  await page.goto(at("/linked-apps"));
  await button("Manage").click();
  await dialog("Manage").getByRole("checkbox", { name: "Parcel Child" }).uncheck();
  await button("Save").click();
  await page.getByText("No agent is linked yet.").waitFor();
});

test("pages_fit_a_narrow_screen", async () => {
  await page.setViewportSize({ width: 320, height: 640 });
  for (const path of ["/linked-apps", "/training/intents", "/training/synonyms", "/training/traits", "/faqs", "/training/status", "/training/config", "/testing/batch", "/testing/conversation", "/testing/utterance/explain", "/settings/variables/env", "/settings/languages", "/settings/change-logs", "/deploy/versions", "/deploy/import", "/deploy/export"]) {
    await page.goto(at(path));
    await page.locator("h1").waitFor();
    await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
    await expect
      .poll(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), { message: path })
      .toBe(0);
  }
  await page.getByRole("button", { name: /^Jobs/ }).click();
  await page.getByRole("dialog", { name: "Jobs" }).waitFor();
  const box = await page.getByRole("dialog", { name: "Jobs" }).boundingBox();
  expect(box && box.x >= 0 && box.x + box.width <= 320).toBe(true);
  await page.setViewportSize({ width: 1440, height: 900 });
});

test("a_page_that_cannot_be_loaded_says_why_and_tries_again", async () => {
  await page.route("**/api/console/**/training/intents*", (route) => route.fulfill({ status: 500, json: { title: "Error", status: 500, code: "internal", detail: "Internal error" } }));
  await page.goto(at("/training/intents"));
  await page.getByText("Internal error").waitFor();
  await accessible(page);
  await page.unroute("**/api/console/**/training/intents*");
  await button("Try again").click();
  await page.getByLabel("Search intents").waitFor();
});

test("nothing_broke_a_rule_of_the_page", () => {
  expect(faults).toEqual([]);
});
