import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { accessible } from "./accessible";
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
  await page.getByText("The agent was changed meanwhile").waitFor();
  await button("Try again").click();
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

test("a_page_that_cannot_be_loaded_says_why_and_tries_again", async () => {
  await page.route("**/training/intents*", (route) => route.fulfill({ status: 500, json: { title: "Error", status: 500, code: "internal", detail: "Internal error" } }));
  await page.goto(at("/training/intents"));
  await page.getByText("Internal error").waitFor();
  await accessible(page);
  await page.unroute("**/training/intents*");
  await button("Try again").click();
  await page.getByLabel("Search intents").waitFor();
});

test("nothing_broke_a_rule_of_the_page", () => {
  expect(faults).toEqual([]);
});
