import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible } from "./accessible";
import { openConsole, type Console } from "./console";
import { only, states, type Wanted } from "./states";

let c: Console;
let botId = "";

beforeAll(async () => {
  c = await openConsole();
  botId = await c.sample();
  await c.server.run("agent", "train", botId);
});
afterAll(() => c?.close());

/** What a page of the agent shows; its path and call are below the agent. */
const of = (page: Wanted): Promise<void> =>
  states(c, { ...page, path: `/builder/${botId}${page.path}`, call: `/agents/${botId}${page.call}` });

/** Nobody who may only look is offered one of these. */
const without =
  (...names: string[]) =>
  async () => {
    await expect.poll(() => c.page.locator('[aria-busy="true"]').count()).toBe(0);
    for (const name of names) expect(await c.button(name).count(), name).toBe(0);
  };

const spoken = { language: "en", languages: ["en"] };

test("states_of_training", () =>
  of({
    path: "/training/intents",
    heading: "Training",
    call: "/training/intents*",
    empty: { text: "This agent has no intents yet.", answer: { ...spoken, negativePatterns: false, items: [], entities: [] } },
    permission: "view",
    viewOnly: without("Train", "Import", "Export", "Add"),
  }));

test("states_of_patterns", () =>
  of({
    path: "/training/intents?tab=patterns",
    heading: "Training",
    call: "/training/intents/*",
    change: () => c.page.getByLabel("Patterns", { exact: true }).fill("my box * wet"),
  }));

test("states_of_bot_synonyms", () =>
  of({
    path: "/training/synonyms",
    heading: "Bot Synonyms",
    call: "/training/synonyms*",
    empty: { text: "No synonyms yet.", answer: { ...spoken, items: [] } },
    permission: "view",
    viewOnly: without("New Synonym"),
  }));

test("states_of_traits", () =>
  of({
    path: "/training/traits",
    heading: "Traits",
    call: "/training/traits*",
    empty: { text: "No trait type yet.", answer: { ...spoken, items: [] } },
    permission: "view",
    viewOnly: without("New trait type"),
  }));

test("states_of_faqs", () =>
  of({
    path: "/faqs",
    heading: "FAQs",
    call: "/faqs*",
    empty: { text: "No FAQs in this language yet.", answer: { ...spoken, nodes: [], items: [] } },
    permission: "view",
    viewOnly: without("Add FAQ", "Add node", "Import", "Export"),
  }));

test("states_of_training_status", () =>
  of({
    path: "/training/status",
    heading: "Training Status",
    call: "/training/status",
    permission: "view",
    viewOnly: without("Train", "Test now"),
  }));

test("states_of_nlu_config", () =>
  of({
    path: "/training/config",
    heading: "NLU Config",
    call: "/training/config*",
    permission: "view",
    viewOnly: without("Save"),
    change: () => c.page.getByLabel("Minimum probability").fill("0.45"),
  }));

test("states_of_batch_testing", () =>
  of({
    path: "/testing/batch",
    heading: "Regression Testing",
    call: "/test-suites",
    empty: { text: "No test suite yet.", answer: { items: [] } },
    permission: "view",
    viewOnly: without("New Test Suite"),
  }));

test("states_of_conversation_testing", () =>
  of({
    path: "/testing/conversation",
    heading: "Regression Testing",
    call: "/conversation-suites",
    empty: { text: "No conversation suite yet.", answer: { items: [] } },
    permission: "view",
    viewOnly: without("Import Test Suite"),
  }));

test("states_of_variables", () =>
  of({
    path: "/settings/variables/env",
    heading: "Variables",
    call: "/variables",
    empty: { text: "No variables of this kind yet.", answer: { languages: ["en"], items: [] } },
    permission: "view",
    viewOnly: without("Add Variable"),
  }));

test("states_of_language_management", () =>
  of({
    path: "/settings/languages",
    heading: "Language Management",
    call: "/languages",
    permission: "view",
    viewOnly: without("Add language"),
  }));

test("states_of_change_logs", () =>
  of({
    path: "/settings/change-logs",
    heading: "Change Logs",
    call: "/changes*",
    permission: "audit",
  }));

test("states_of_app_versions", () =>
  of({
    path: "/deploy/versions",
    heading: "App Versions",
    call: "/versions",
    empty: { text: "No version yet.", answer: { items: [] } },
    permission: "view",
    viewOnly: without("New Version"),
  }));

test("states_of_publish_import_and_export", async () => {
  const pages = [
    ["/deploy/publish", "Publish", "publish", "Next"],
    ["/deploy/import", "Import & Export", "agents", "Proceed"],
    ["/deploy/export", "Import & Export", "agents", "Export"],
  ] as const;
  for (const [path, heading, permission, button] of pages) {
    const url = `${c.server.url}/builder/${botId}${path}`;
    await c.page.goto(url);
    await c.heading(heading).waitFor();
    await c.button(button).waitFor();
    const back = await only(c, ["view"]);
    await c.page.goto(url);
    await c.page.getByText(`You need the permission ${permission}`).waitFor();
    expect(await c.button(button).count()).toBe(0);
    await accessible(c.page);
    await back();
  }
});

test("states_of_extraction", () =>
  of({
    path: "/faqs/extraction",
    heading: "Extraction",
    call: "/extractions*",
    empty: { text: "Nothing was extracted in this language yet.", answer: { ...spoken, items: [] } },
    permission: "view",
    viewOnly: without("Extract questions"),
  }));

interface Race {
  path: string;
  /** Opens the form and types the text, without saving. */
  type: (page: Page, text: string) => Promise<void>;
  save: (page: Page) => Promise<void>;
  /** What the page shows of it. */
  shown: (page: Page) => Promise<string>;
}

/** Somebody else saves first: nothing of theirs is overwritten, and theirs can be loaded. */
async function faster({ path, type, save, shown }: Race): Promise<void> {
  const url = path.startsWith("http") ? path : `${c.server.url}/builder/${botId}${path}`;
  await c.page.goto(url);
  await type(c.page, "mine");
  const other = await c.context.newPage();
  other.setDefaultTimeout(30_000);
  await other.goto(url);
  await type(other, "theirs");
  const written = other.waitForResponse((answer) => answer.request().method() === "PUT");
  await save(other);
  expect((await written).ok()).toBe(true);
  await other.close();
  await save(c.page);
  await c.page.getByText("Somebody else changed this meanwhile").waitFor();
  await accessible(c.page);
  expect(await shown(c.page)).toContain("mine");
  await c.button("Load theirs").click();
  await expect.poll(() => shown(c.page)).toContain("theirs");
  await c.page.getByText("Somebody else changed this meanwhile").waitFor({ state: "detached" });
  expect(await shown(c.page)).not.toContain("mine");
  await accessible(c.page);
}

const inDialog = (title: string, field: string | RegExp) => {
  const form = (page: Page) => page.getByRole("dialog", { name: title, exact: true });
  const box = (page: Page) => form(page).getByRole("textbox", { name: field });
  return {
    type: (page: Page, text: string) => box(page).fill(text),
    save: (page: Page) => form(page).getByRole("button", { name: "Save" }).click(),
    shown: (page: Page) => box(page).inputValue(),
  };
};

test("patterns_changed_by_somebody_else_can_be_loaded", () =>
  faster({
    path: "/training/intents?tab=patterns",
    type: (page, text) => page.getByLabel("Patterns", { exact: true }).fill(text),
    save: (page) => page.getByRole("button", { name: "Save", exact: true }).click(),
    shown: (page) => page.getByLabel("Patterns", { exact: true }).inputValue(),
  }));

test("an_faq_changed_by_somebody_else_can_be_loaded", () => {
  const form = inDialog("Edit FAQ", "Bot Response");
  return faster({
    ...form,
    path: "/faqs",
    type: async (page, text) => {
      await page.getByRole("button", { name: "Edit: How large may a parcel be" }).click();
      await form.type(page, text);
    },
  });
});

test("a_node_changed_by_somebody_else_can_be_loaded", async () => {
  await c.page.goto(`${c.server.url}/builder/${botId}/faqs`);
  await c.page.getByRole("navigation", { name: "Knowledge graph" }).getByRole("link", { name: /^Parcel Desk/ }).click();
  await c.page.getByRole("heading", { name: "Parcel Desk", level: 2 }).waitFor();
  const form = inDialog("Edit node", /^Label/);
  await faster({
    ...form,
    path: c.page.url(),
    type: async (page, text) => {
      await page.getByRole("button", { name: "Edit or move" }).click();
      await form.type(page, text);
    },
  });
});

test("a_trait_changed_by_somebody_else_can_be_loaded", async () => {
  await c.page.goto(`${c.server.url}/builder/${botId}/training/traits`);
  await c.button("New trait type").click();
  const made = c.dialog("New trait type");
  await made.getByRole("textbox", { name: /^Type/ }).fill("Mood");
  await made.getByRole("textbox", { name: /^First trait/ }).fill("Angry");
  await made.getByRole("textbox", { name: /^Utterances/ }).fill("this is a scandal");
  await made.getByRole("button", { name: "Save" }).click();
  await c.page.getByRole("heading", { name: "Mood", level: 2 }).waitFor();
  const form = inDialog("Edit trait", /^Utterances/);
  await faster({
    ...form,
    path: "/training/traits?type=Mood",
    type: async (page, text) => {
      await page.getByRole("button", { name: "Edit Angry" }).click();
      await form.type(page, text);
    },
  });
});

test("synonyms_changed_by_somebody_else_can_be_loaded", async () => {
  await c.page.goto(`${c.server.url}/builder/${botId}/training/synonyms`);
  await c.button("New Synonym").click();
  const made = c.dialog("New Synonym");
  await made.getByLabel("Name").fill("courier");
  await made.getByLabel("Words").first().fill("driver");
  await c.page.keyboard.press("Enter");
  await made.getByRole("button", { name: "Save" }).click();
  await c.page.getByText("courier saved").waitFor();
  const words = (page: Page) => page.getByLabel("Words of courier").first();
  await faster({
    path: "/training/synonyms",
    type: (page, text) => words(page).fill(text),
    save: (page) => words(page).press("Enter"),
    shown: (page) => page.getByRole("row", { name: /^courier/ }).innerText(),
  });
});

test("nothing_broke_a_rule_of_the_page", () => {
  expect(c.faults).toEqual([]);
});
