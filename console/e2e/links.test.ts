import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible } from "./accessible";
import { openConsole, type Console } from "./console";

let c: Console;
let botId = "";
let otherId = "";
let clientId = "";

beforeAll(async () => {
  c = await openConsole();
  botId = await c.sample();
  const files = join(import.meta.dirname, "../../samples/parcel-desk");
  otherId = String((await c.server.run("agent", "import", files, "--name", "Second Desk")).botId);
  const made = await c.server.run("app", "create", "--kind", "platform", "--name", "Parcel API", "--bot", botId);
  clientId = String(made.clientId);
});
afterAll(() => c?.close());

const details = () =>
  c.page.goto(`${c.server.url}/builder/${botId}/settings/dev-tools/web-mobile-sdk?app=${clientId}`);
const agent = (name: string) => c.page.getByRole("switch", { name });

test("each_catalogue_scope_is_offered_once", async () => {
  await c.page.goto(`${c.server.url}/builder/${botId}/settings/dev-tools/api-scope/new?app=${clientId}`);
  await c.heading("New API Scope Mapping").waitFor();
  const answer = await c.context.request.get(`${c.server.url}/api/console/v1/scopes?side=platform`);
  const { items } = (await answer.json()) as { items: { name: string; group: string }[] };
  expect(items.length).toBeGreaterThan(30);
  for (const { name, group } of items) {
    const box = c.page.getByRole("group", { name: group, exact: true }).getByRole("checkbox", { name, exact: true });
    await box.waitFor();
    expect(await c.box(name).count(), name).toBe(1);
  }
  const groups = new Set(items.map((one) => one.group));
  expect(await c.page.getByRole("checkbox").count()).toBe(items.length + groups.size);
});

test("an_app_is_linked_to_further_agents_by_switches", async () => {
  await details();
  await c.button("Linked agents").click();
  await c.dialog("Agents of Parcel API").waitFor();
  await agent("Parcel Desk").waitFor();
  expect(await agent("Parcel Desk").isChecked()).toBe(true);
  expect(await agent("Second Desk").isChecked()).toBe(false);
  await accessible(c.page);
  await c.page.getByLabel("Search agents").fill("second");
  await agent("Parcel Desk").waitFor({ state: "hidden" });
  await agent("Second Desk").focus();
  await c.page.keyboard.press("Space");
  await c.page.getByText("Parcel API is linked to Second Desk").waitFor();
  await expect.poll(() => agent("Second Desk").isChecked()).toBe(true);
  const shown = await c.server.run("app", "show", clientId);
  expect(JSON.stringify(shown)).toContain(otherId);
});

test("unlinking_an_agent_names_the_published_scopes_that_go", async () => {
  await c.server.run("scope", "grant", "--app", clientId, "--bot", otherId, "Chat History");
  await c.server.run("agent", "publish", otherId);
  await details();
  await c.button("Linked agents").click();
  await agent("Second Desk").click();
  await c.page.getByText("Unlink Second Desk?").waitFor();
  await c.page.getByText("These published scopes go at once: Chat History").waitFor();
  await accessible(c.page);
  const form = c.dialog("Agents of Parcel API");
  await form.getByRole("button", { name: "Cancel" }).click();
  expect(await agent("Second Desk").isChecked()).toBe(true);
  await agent("Second Desk").click();
  await form.getByRole("button", { name: "Unlink" }).click();
  await c.page.getByText("Parcel API is no longer linked to Second Desk").waitFor();
  await expect.poll(() => agent("Second Desk").isChecked()).toBe(false);
  await c.button("Done").click();
});

test("a_change_of_somebody_else_is_never_overwritten_silently", async () => {
  await details();
  await c.button("Edit").click();
  const form = c.dialog("Edit JWT App");
  await form.getByLabel("Name", { exact: false }).first().fill("My name");
  await c.server.run("app", "disable", clientId);
  await form.getByRole("button", { name: "Save", exact: true }).click();
  await c.page.getByText(/^The app was changed by the command line at /).waitFor();
  await accessible(c.page);
  await c.button("Keep editing").click();
  const name = form.getByLabel("Name", { exact: false }).first();
  expect(await name.inputValue()).toBe("My name");
  await form.getByRole("button", { name: "Save", exact: true }).click();
  await c.button("Load theirs").click();
  await expect.poll(() => name.inputValue()).toBe("Parcel API");
  await name.fill("Our name");
  await form.getByRole("button", { name: "Save", exact: true }).click();
  await c.page.getByText("Our name saved").waitFor();
});

test("deleting_an_app_tells_what_hangs_on_it", async () => {
  await details();
  await c.button("Delete").click();
  const form = c.dialog("Delete app");
  await form.getByText("Linked agents: Parcel Desk").waitFor();
  await form.getByText("Calls of the last 7 days: 0").waitFor();
  await accessible(c.page);
});

test("the_content_security_policy_was_never_broken", () => {
  expect(c.faults).toEqual([]);
});
