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

test("nothing_broke_a_rule_of_the_page", () => {
  expect(c.faults).toEqual([]);
});
