import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible } from "./accessible";
import { openConsole, type Console } from "./console";
import { API, only } from "./states";

let c: Console;
let botId = "";
const at = (path: string) => `${c.server.url}/builder/${botId}${path}`;

beforeAll(async () => {
  c = await openConsole();
  botId = await c.sample();
});
afterAll(() => c?.close());

/** Asks for an extraction from this file. */
async function extract(name: string, content: string): Promise<void> {
  await c.button("Extract questions").click();
  const form = c.dialog("Extract questions");
  const chooser = c.page.waitForEvent("filechooser");
  await form.getByRole("button", { name: /^File/ }).click();
  await (await chooser).setFiles({ name, mimeType: "text/csv", buffer: Buffer.from(content) });
  await form.getByRole("button", { name: "Extract", exact: true }).click();
  await form.waitFor({ state: "hidden" });
  await c.page.getByRole("heading", { name, level: 2 }).waitFor();
}

test("questions_of_a_file_are_chosen_and_stand_in_the_graph", async () => {
  await c.page.goto(at("/faqs"));
  await c.link("Extraction").click();
  await c.heading("Extraction").waitFor();
  await c.page.getByText("Nothing was extracted in this language yet.").waitFor();
  await c.button("Extract questions").click();
  const form = c.dialog("Extract questions");
  await form.getByRole("button", { name: "Extract", exact: true }).click();
  await form.getByText("Choose a file.").waitFor();
  await accessible(c.page);
  await form.getByRole("button", { name: "Cancel" }).click();
  await extract("desk.csv", 'Do you sell stamps,"Yes, at every desk."\nMay I pay by card,Yes.\nIs there a toilet,No.\n');
  await c.page.getByRole("checkbox", { name: "Choose: Do you sell stamps" }).check();
  await c.page.getByRole("checkbox", { name: "Choose: May I pay by card" }).check();
  await accessible(c.page);
  await c.button("Add 2 questions to the graph").click();
  await c.page.getByText("2 questions added to the draft").waitFor();
  await expect.poll(() => c.page.getByText("Added", { exact: true }).count()).toBe(2);
  expect(await c.page.getByRole("checkbox", { name: "Choose: Do you sell stamps" }).isDisabled()).toBe(true);
  await accessible(c.page);
  await c.link("Back to the FAQs").click();
  await c.page.getByRole("cell", { name: /^Do you sell stamps/ }).waitFor();
  expect(await c.page.getByRole("cell", { name: /^Is there a toilet/ }).count()).toBe(0);
});

test("an_extraction_that_was_left_is_found_again", async () => {
  await c.page.goto(at("/faqs/extraction"));
  await c.page.getByRole("link", { name: "desk.csv" }).click();
  await c.page.getByRole("checkbox", { name: "Choose: Is there a toilet" }).waitFor();
  const id = new URL(c.page.url()).searchParams.get("extraction") ?? "";
  // as long as it runs, its progress is shown after a reload too
  const running = { state: "running", percent: 40, message: "2 of 5 pages" };
  const detail = `${API}/agents/${botId}/extractions/${id}`;
  await c.page.route(detail, async (route) => {
    const answer = await route.fetch();
    const found = (await answer.json()) as { extraction: object };
    const extraction = { ...found.extraction, state: "running" };
    await route.fulfill({ response: answer, json: { ...found, extraction, questions: [] } });
  });
  await c.page.route(`${API}/jobs/${id}`, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), ...running } });
  });
  await c.page.reload();
  await c.page.getByText("Extraction of questions: 2 of 5 pages").waitFor();
  await accessible(c.page);
  await c.page.unroute(detail);
  await c.page.unroute(`${API}/jobs/${id}`);
  await c.page.getByRole("checkbox", { name: "Choose: Is there a toilet" }).waitFor();
});

test("a_question_that_the_graph_has_is_named", async () => {
  await extract("again.csv", "May I pay by card,Yes.\n");
  await c.page.getByRole("checkbox", { name: "Choose all questions" }).check();
  await c.button("Add 1 question to the graph").click();
  await c.page.getByText("May I pay by card: the node has this question already").waitFor();
  await accessible(c.page);
});

test("an_extraction_that_fails_says_why", async () => {
  await extract("broken.csv", "only one column\n");
  await c.page.getByRole("alert").getByText("Nothing was extracted").waitFor();
  await accessible(c.page);
  // an address inside the network is not called
  await c.button("Extract questions").click();
  const form = c.dialog("Extract questions");
  await form.getByRole("radio", { name: "On a page" }).check();
  await form.getByRole("textbox", { name: /^Address/ }).fill("ftp://example.org/help");
  await form.getByRole("button", { name: "Extract", exact: true }).click();
  await form.getByText(/must be an http or https address/).waitFor();
  await accessible(c.page);
  await form.getByRole("textbox", { name: /^Address/ }).fill(`${c.server.url}/health`);
  await form.getByRole("textbox", { name: /^Name/ }).fill("health");
  await form.getByRole("button", { name: "Extract", exact: true }).click();
  await c.page.getByRole("heading", { name: "health", level: 2 }).waitFor();
  await c.page.getByRole("alert").getByText(/cannot be fetched/).waitFor();
  await accessible(c.page);
});

test("who_may_only_look_sees_what_was_found_and_cannot_add_it", async () => {
  const back = await only(c, ["view"]);
  await c.page.goto(at("/faqs/extraction"));
  await c.page.getByRole("link", { name: "desk.csv" }).click();
  await c.page.getByText("Is there a toilet").waitFor();
  expect(await c.page.getByRole("checkbox").count()).toBe(0);
  expect(await c.button("Extract questions").count()).toBe(0);
  await accessible(c.page);
  await back();
});

test("nothing_broke_a_rule_of_the_page", () => {
  expect(c.faults).toEqual([]);
});
