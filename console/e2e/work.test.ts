import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible } from "./accessible";
import { openConsole, type Console } from "./console";

let c: Console;
let botId = "";

const at = (path: string) => `${c.server.url}/builder/${botId}${path}`;
const open = async (path: string, heading: string) => {
  await c.page.goto(at(path));
  await c.heading(heading).waitFor();
  await expect.poll(() => c.page.locator('[aria-busy="true"]').count()).toBe(0);
};
const file = (name: string, content: string, mimeType = "text/csv") => ({ name, mimeType, buffer: Buffer.from(content) });

/** Chooses a file by the button of a file field. */
async function choose(field: Locator, chosen: ReturnType<typeof file>): Promise<void> {
  const chooser = c.page.waitForEvent("filechooser");
  await field.click();
  await (await chooser).setFiles(chosen);
}

/** The content of what a link or button hands out. */
async function saved(act: Promise<void>): Promise<{ name: string; text: string }> {
  const coming = c.page.waitForEvent("download");
  await act;
  const got = await coming;
  const path = join(mkdtempSync(join(tmpdir(), "ombud-download-")), "file");
  await got.saveAs(path);
  return { name: got.suggestedFilename(), text: readFileSync(path, "utf8") };
}

/** Walks on with Tab until this has the focus. */
async function walkTo(wanted: Locator): Promise<void> {
  for (let i = 0; i < 80; i++) {
    if (await wanted.evaluate((element) => element === document.activeElement).catch(() => false)) return;
    await c.page.keyboard.press("Tab");
  }
  throw new Error("the focus never came there");
}

const focused = (wanted: Locator) =>
  expect.poll(() => wanted.evaluate((element) => element === document.activeElement).catch(() => false)).toBe(true);

beforeAll(async () => {
  c = await openConsole();
  botId = await c.sample();
  await c.server.run("agent", "train", botId);
});
afterAll(() => c?.close());

test("a_trait_is_made_changed_and_removed_by_keyboard_alone", async () => {
  await open("/training/traits", "Traits");
  const keys = c.page.keyboard;
  await walkTo(c.button("New trait type"));
  await keys.press("Enter");
  const form = c.dialog("New trait type");
  await focused(form.getByLabel("Type", { exact: false }).first());
  await keys.press("Enter");
  await form.getByText(/^must have 1 to 100 letters/).first().waitFor();
  await accessible(c.page);
  await walkTo(form.getByRole("textbox", { name: /^Type/ }));
  await keys.type("Mood");
  await walkTo(form.getByRole("textbox", { name: /^First trait/ }));
  await keys.type("Angry");
  await walkTo(form.getByRole("textbox", { name: /^Utterances/ }));
  await keys.type("this is a scandal");
  await keys.press("Enter");
  await keys.type("I am furious");
  await walkTo(form.getByRole("button", { name: "Save" }));
  await keys.press("Enter");
  await c.page.getByRole("heading", { name: "Mood", level: 2 }).waitFor();
  await c.page.getByRole("cell", { name: "this is a scandal · I am furious" }).waitFor();
  await walkTo(c.button("Add trait"));
  await keys.press("Enter");
  const more = c.dialog("Add trait");
  await focused(more.getByRole("textbox", { name: /^Trait/ }));
  await keys.type("Happy");
  await walkTo(more.getByRole("textbox", { name: /^Utterances/ }));
  await keys.type("how lovely");
  await walkTo(more.getByRole("button", { name: "Save" }));
  await keys.press("Enter");
  await c.page.getByRole("cell", { name: "how lovely" }).waitFor();
  await accessible(c.page);
  // what is removed gives the focus to the row beside it
  await walkTo(c.button("Remove Happy"));
  await keys.press("Enter");
  await focused(c.dialog("Remove trait").getByRole("button", { name: "Cancel" }));
  await walkTo(c.dialog("Remove trait").getByRole("button", { name: "Remove", exact: true }));
  await keys.press("Enter");
  await c.page.getByText("Happy removed").waitFor();
  await c.page.getByRole("cell", { name: "how lovely" }).waitFor({ state: "detached" });
  expect(new URL(c.page.url()).searchParams.get("type")).toBe("Mood");
  expect(await c.page.title()).toMatch(/^Traits · Parcel Desk · Ombud$/);
});

test("a_renamed_trait_is_found_after_training", async () => {
  await c.button("Edit Angry").click();
  const form = c.dialog("Edit trait");
  await form.getByRole("textbox", { name: /^Trait/ }).fill("Furious");
  await form.getByRole("button", { name: "Cancel" }).click();
  await c.dialog("Leave without saving?").getByRole("button", { name: "Stay" }).click();
  await form.getByRole("button", { name: "Save" }).click();
  await c.page.getByText("Furious saved").waitFor();
  await c.button("Train").click();
  await c.page.getByText("Training finished").waitFor({ timeout: 120_000 });
  await open("/testing/utterance/explain", "Utterance Testing");
  await c.page.getByLabel("Type a user utterance").fill("this is a scandal");
  await c.button("Explain").click();
  await expect.poll(() => c.fact("Traits")).toBe("Furious");
});

test("utterances_go_out_as_a_file_and_come_in_with_each_wrong_row_named", async () => {
  await open("/training/intents", "Training");
  await c.button("Import").click();
  const form = c.dialog("Import utterances");
  await form.getByRole("button", { name: "Import", exact: true }).click();
  await form.getByText("Choose a file.").waitFor();
  await choose(form.getByRole("button", { name: /^File/ }), file("wrong.csv", "taskName,sentence\nNobody,hello\nTrack parcel,fine\n"));
  await form.getByRole("button", { name: "Import", exact: true }).click();
  await form.getByText("Nothing was imported").waitFor();
  await form.getByRole("region", { name: "What is wrong" }).getByText(/line 2.*the agent has no task Nobody/).waitFor();
  await accessible(c.page);
  const field = form.getByRole("button", { name: /^File/ });
  await choose(field, file("right.csv", "taskName,sentence\nTrack parcel,where is my parcel\nTrack parcel,where did my parcel go\nTrack parcel,parcel status please\n"));
  await form.getByRole("button", { name: "Import", exact: true }).click();
  await c.page.getByText("File imported").waitFor();
  await form.waitFor({ state: "detached" });
  await c.page.getByRole("link", { name: /^Track parcel/ }).click();
  await c.page.getByRole("cell", { name: "parcel status please", exact: true }).waitFor();
  await c.button("Export").click();
  await c.page.getByRole("menuitem", { name: "CSV file" }).click();
  await c.page.getByText("The file is ready").waitFor();
  await accessible(c.page);
  const got = await saved(c.link("Download").click());
  expect(got.name).toMatch(/utterances\.csv$/);
  expect(got.text).toContain("parcel status please");
});

test("a_pattern_is_tried_and_each_part_explained", async () => {
  await open("/training/intents?tab=patterns", "Training");
  await c.page.getByRole("link", { name: /^Track parcel/ }).click();
  await c.page.getByRole("tab", { name: /^Patterns/ }).click();
  const tester = c.page.getByRole("region", { name: "Pattern tester" });
  await tester.getByLabel("Pattern", { exact: true }).fill("where {is} my *2 box");
  await tester.getByLabel("Text", { exact: true }).fill("So, where is my very big box?");
  await tester.getByRole("button", { name: "Try" }).click();
  await tester.getByText("The pattern fits").waitFor();
  const parts = tester.getByRole("table", { name: "Parts of the pattern" });
  await parts.getByText("One of these, or nothing").waitFor();
  await parts.getByText("Up to 2 words").waitFor();
  expect(await tester.locator("mark").innerText()).toBe("where is my very big box");
  await accessible(c.page);
  await tester.getByLabel("Text", { exact: true }).fill("where is my parcel");
  await c.page.keyboard.press("Enter");
  await tester.getByText("It does not fit: “box” was not found").waitFor();
  await accessible(c.page);
});

test("nodes_are_added_moved_and_removed_and_questions_go_along", async () => {
  await open("/faqs", "FAQs");
  await c.button("Add node").click();
  let form = c.dialog("Add node");
  await form.getByLabel("Label", { exact: false }).fill("Prices");
  await accessible(c.page);
  await form.getByRole("button", { name: "Save" }).click();
  await c.page.getByText("Node Prices saved").waitFor();
  await c.page.getByRole("heading", { name: "Prices", level: 2 }).waitFor();
  await c.page.getByText("No question at this node or below it.").waitFor();
  await c.button("Add node below").click();
  form = c.dialog("Add node");
  await form.getByLabel("Label", { exact: false }).fill("Abroad");
  await form.getByRole("radio", { name: "Must be said" }).check();
  await form.getByRole("button", { name: "Save" }).click();
  await c.page.getByRole("heading", { name: "Abroad", level: 2 }).waitFor();
  await accessible(c.page);
  // a new question begins at the chosen node
  await c.button("Add FAQ").first().click();
  const faq = c.dialog("Add FAQ");
  await faq.getByLabel("Question", { exact: false }).first().fill("Does it cost more abroad");
  await faq.getByLabel("Bot Response").fill("Five more.");
  await faq.getByRole("button", { name: "Save" }).click();
  await c.page.getByRole("cell", { name: /^Does it cost more abroad/ }).waitFor();
  // moved up, it takes the question along
  await c.button("Edit or move").click();
  form = c.dialog("Edit node");
  await form.getByRole("combobox", { name: "Stands under" }).click();
  await c.page.getByRole("option", { name: "Parcel Desk", exact: true }).click();
  await form.getByRole("button", { name: "Save" }).click();
  await c.page.getByText("Node Abroad saved").first().waitFor();
  await c.page.getByRole("cell", { name: /^Does it cost more abroad/ }).waitFor();
  await c.page.getByRole("navigation", { name: "Knowledge graph" }).getByRole("link", { name: /^Prices/ }).click();
  await c.page.getByText("No question at this node or below it.").waitFor();
  await c.page.getByRole("navigation", { name: "Knowledge graph" }).getByRole("link", { name: /^Abroad/ }).click();
  await c.button("Remove node").click();
  await c.dialog("Remove node").getByText(/Its question and the nodes below it go to Parcel Desk/).waitFor();
  await accessible(c.page);
  await c.dialog("Remove node").getByRole("button", { name: "Remove", exact: true }).click();
  await c.page.getByText("Node Abroad removed").waitFor();
  await c.page.getByRole("heading", { name: "Parcel Desk", level: 2 }).waitFor();
  await c.page.getByLabel("Search questions").fill("abroad");
  await c.page.getByRole("cell", { name: /^Does it cost more abroad/ }).waitFor();
  // the root stays
  expect(await c.button("Remove node").count()).toBe(0);
});

test("a_conversation_suite_is_imported_run_reported_exported_and_deleted", async () => {
  await open("/testing/batch", "Regression Testing");
  await c.link("Conversation Testing").click();
  await c.page.getByText("No conversation suite yet.").waitFor();
  await accessible(c.page);
  await c.button("Import Test Suite").click();
  const form = c.dialog("Import Test Suite");
  await form.getByRole("textbox", { name: "Name" }).fill("Smoke");
  const json = (steps: unknown) => file("suite.json", JSON.stringify({ testSteps: steps }), "application/json");
  await choose(form.getByRole("button", { name: /^JSON file/ }), json([{ input: "", outputs: [] }]));
  await form.getByRole("button", { name: "Import", exact: true }).click();
  await form.getByRole("region", { name: "What is wrong" }).getByText(/testSteps\[0\]\.input/).waitFor();
  await accessible(c.page);
  const steps = [{ input: "where is my parcel" }, { input: "hello", discardBefore: true, outputs: [{ text: "Nobody says this" }] }];
  await choose(form.getByRole("button", { name: /^JSON file/ }), json(steps));
  await form.getByRole("button", { name: "Import", exact: true }).click();
  await form.waitFor({ state: "detached" });
  await c.page.getByRole("heading", { name: "Smoke", level: 2 }).waitFor();
  await c.page.getByText("the agent did not say everything").waitFor();
  await c.button("Run").click();
  const runs = c.page.getByRole("table", { name: "Runs of Smoke" });
  await runs.getByText("Failed").waitFor();
  await runs.getByRole("cell", { name: "1 / 2" }).waitFor();
  await c.page.getByText("Nobody says this").waitFor();
  await c.page.getByText(/^\d+ nodes? ran$/).first().click();
  await accessible(c.page);
  await c.page.getByRole("checkbox", { name: /^Only those that failed/ }).uncheck();
  await c.page.getByText("where is my parcel", { exact: true }).waitFor();
  // left and found again by its address
  await c.page.reload();
  await c.page.getByText("Nobody says this").waitFor();
  const report = await saved(runs.getByRole("link", { name: "JSON" }).click());
  expect(JSON.parse(report.text)).toMatchObject({ run: { state: "failed" }, items: [{ passed: true }, { passed: false }] });
  const suite = await saved(c.link("Export suite").click());
  expect(suite.name).toBe("Smoke.json");
  expect((JSON.parse(suite.text) as { testSteps: unknown[] }).testSteps).toHaveLength(2);
  await c.button("Delete suite").click();
  await c.dialog("Delete test suite").getByLabel("Type Smoke to confirm").fill("Smoke");
  await c.dialog("Delete test suite").getByRole("button", { name: "Delete suite" }).click();
  await c.page.getByText("No conversation suite yet.").waitFor();
});

test("suite_from_csv_runs_and_reports", async () => {
  await open("/testing/batch", "Regression Testing");
  await c.button("New Test Suite").click();
  const form = c.dialog("New Test Suite");
  await form.getByRole("textbox", { name: "Name" }).fill("Both");
  await form.getByRole("radio", { name: "Upload a file" }).check();
  await choose(form.getByRole("button", { name: /^CSV or JSON file/ }), file("suite.csv", "input,intent\nwhere is my parcel,Track parcel\nglorious sunshine over Leeds,Track parcel\n"));
  await form.getByRole("button", { name: "Save" }).click();
  // a new suite is run at once
  await c.page.getByRole("heading", { name: "Both", level: 2 }).waitFor();
  const runs = c.page.getByRole("table", { name: "Runs of Both" });
  await expect.poll(() => runs.getByText("Done").count(), { timeout: 60_000 }).toBe(1);
  await c.page.getByRole("cell", { name: "glorious sunshine over Leeds" }).waitFor();
  const report = await saved(runs.getByRole("link", { name: "CSV" }).click());
  expect(report.name).toBe("Both-report.csv");
  expect(report.text).toContain("glorious sunshine over Leeds");
});

test("two_runs_are_compared_by_their_values", async () => {
  await open("/training/intents", "Training");
  await c.page.getByRole("link", { name: /^Track parcel/ }).click();
  await c.page.getByLabel("New utterances").fill("glorious sunshine over Leeds\nsunshine over Leeds");
  await c.button("Add").click();
  await c.page.getByText("2 utterances added").waitFor();
  await c.button("Train").click();
  await c.page.getByText("Training finished").waitFor({ timeout: 120_000 });
  await open("/testing/batch?suite=Both", "Regression Testing");
  await c.button("Run").click();
  const runs = c.page.getByRole("table", { name: "Runs of Both" });
  await expect.poll(() => runs.getByText("Done").count(), { timeout: 60_000 }).toBe(2);
  await runs.getByRole("checkbox", { checked: false }).first().check();
  const figures = c.page.getByRole("table", { name: "Figures of two runs" });
  await figures.getByRole("row", { name: /^Right 1 2 \+1$/ }).waitFor();
  const differing = c.page.getByRole("table", { name: "Utterances that came out otherwise" });
  await differing.getByRole("row", { name: /glorious sunshine over Leeds/ }).waitFor();
  expect(await differing.getByRole("row").count()).toBe(2);
  await accessible(c.page);
  await c.page.getByRole("checkbox", { name: /^Also those of which only the scores changed/ }).check();
  await accessible(c.page);
  // the comparison has an address
  await c.page.reload();
  await figures.waitFor();
});

test("job_tray_survives_reload_and_leads_to_what_came_out", async () => {
  await c.page.reload();
  await c.page.getByRole("button", { name: /^Jobs/ }).click();
  const tray = c.page.getByRole("dialog", { name: "Jobs" });
  await tray.getByText("Batch test: Done").first().waitFor();
  await tray.getByText("Training: Done").first().click();
  await c.heading("Training Status").waitFor();
});

test("secure_variable_is_masked_and_empty_in_export", async () => {
  await open("/settings/variables/env", "Variables");
  await c.button("Add Variable").first().click();
  const form = c.dialog("Add Variable");
  await form.getByLabel("Variable Name").fill("payKey");
  await form.getByLabel("Value").fill("sesame-4711");
  await form.getByRole("checkbox", { name: "Secure" }).check();
  await form.getByRole("button", { name: "Save" }).click();
  await c.page.getByRole("row", { name: /payKey/ }).getByText("Set, not shown").waitFor();
  await open("/deploy/export", "Import & Export");
  await c.button("Export").click();
  await c.page.getByText("The export is ready").waitFor({ timeout: 60_000 });
  const coming = c.page.waitForEvent("download");
  await c.link("Download").click();
  const path = join(mkdtempSync(join(tmpdir(), "ombud-export-")), "agent.zip");
  await (await coming).saveAs(path);
  const { unzipSync, strFromU8 } = await import("fflate");
  const files = unzipSync(new Uint8Array(readFileSync(path)));
  const texts = Object.values(files).map((bytes) => strFromU8(bytes));
  expect(texts.some((text) => text.includes("payKey"))).toBe(true);
  expect(texts.some((text) => text.includes("sesame-4711"))).toBe(false);
});

test("version_is_created_and_listed", async () => {
  await open("/deploy/versions", "App Versions");
  await c.button("New Version").first().click();
  const form = c.dialog("New Version");
  await form.getByLabel("Version Name").fill("Before the change");
  await form.getByLabel("Description").fill("As it was on Monday");
  await form.getByRole("button", { name: "New App Version" }).click();
  await c.page.getByText("Before the change created").waitFor();
  await c.page.getByRole("row", { name: /Before the change/ }).getByText("As it was on Monday").waitFor();
});

test("backup_is_offered_before_a_full_import", async () => {
  await open("/deploy/import", "Import & Export");
  expect(await c.page.getByRole("radio", { name: "Full Import" }).isChecked()).toBe(true);
  const got = await saved(c.link("Backup").click());
  expect(got.name).toMatch(/\.zip$/);
});

test("nothing_broke_a_rule_of_the_page", () => {
  expect(c.faults).toEqual([]);
});
