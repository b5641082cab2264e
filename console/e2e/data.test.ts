import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible } from "./accessible";
import { openConsole, type Console } from "./console";

let c: Console;
let clientId = "";

interface Grant {
  kind: string;
  name: string;
  read: boolean;
  write: boolean;
  delete: boolean;
}

/** What the app may do, as the server knows it. */
async function grants(): Promise<string[]> {
  const answer = await c.context.request.get(`${c.server.url}/api/console/v1/apps/${clientId}/data-grants`);
  const { items } = (await answer.json()) as { items: Grant[] };
  return items.map((one) => {
    const flags = (["read", "write", "delete"] as const).filter((flag) => one[flag]);
    return `${one.kind} ${one.name}: ${flags.join(" ")}`;
  });
}

async function addRow(label: string, name: string): Promise<void> {
  await c.page.getByLabel(label).fill(name);
  await c.button("Add to the list").click();
  await c.page.getByRole("cell", { name, exact: true }).waitFor();
}

async function save(): Promise<void> {
  await c.button("Save").click();
  await c.page.getByText(/permissions? of Reader changed/).first().waitFor();
  await expect.poll(() => c.page.getByText(/^Unsaved/).count()).toBe(0);
}

beforeAll(async () => {
  c = await openConsole();
});
afterAll(() => c?.close());

test("data_apps_are_reached_from_the_landing_page", async () => {
  await c.link("Data").click();
  await c.heading("Apps").waitFor();
  await c.page.getByText("No data app yet.", { exact: false }).waitFor();
  await accessible(c.page);
});

test("data_app_is_created_with_enforcements", async () => {
  await c.button("New App").click();
  const form = c.dialog("New App");
  expect(await form.getByText("Payload Encryption").count()).toBe(0);
  await form.getByRole("button", { name: "Save", exact: true }).click();
  await c.page.getByText("This field is required.").waitFor();
  await form.getByLabel("App Name", { exact: false }).first().fill("Reader");
  await form.getByRole("checkbox", { name: "Enforce JTI" }).check();
  await form.getByRole("checkbox", { name: "JWE" }).check();
  await accessible(c.page);
  await form.getByRole("button", { name: "Save", exact: true }).click();
  await c.page.getByText("App created successfully").waitFor();
  expect(await c.page.getByTestId("secret").innerText()).toBe("••••••••");
  await c.button("Done").click();
  await c.heading("Reader").waitFor();
  clientId = c.page.url().split("/").at(-1) ?? "";
  expect(clientId).toMatch(/^cs-/);
  expect(await c.fact("Enforce JTI")).toBe("On");
  expect(await c.fact("Enforce JWE")).toBe("On");
  await accessible(c.page);
});

test("each_grant_is_separate", async () => {
  await addRow("Name of the table", "orders");
  await addRow("Name of the table", "parcels");
  await c.box("Read, table orders").check();
  await c.box("Delete, table parcels").check();
  await c.page.getByText("Unsaved: 2 rows").waitFor();
  await c.page.getByText("Updates and deletions also need Read").waitFor();
  await accessible(c.page);
  await save();
  expect(await grants()).toEqual(["table orders: read", "table parcels: delete"]);
  await c.button("Add Read").click();
  await save();
  expect(await grants()).toEqual(["table orders: read", "table parcels: read delete"]);
});

test("only_changed_rows_are_sent", async () => {
  const before = c.sent.length;
  await c.box("Write, table orders").check();
  await save();
  const put = c.sent.slice(before).find((line) => line.startsWith("PUT")) ?? "";
  expect(put).toContain("orders");
  expect(put).not.toContain("parcels");
});

test("a_view_is_another_thing_than_its_table", async () => {
  await c.page.getByRole("tab", { name: "Views" }).click();
  await c.page.getByText("No view in the list yet.", { exact: false }).waitFor();
  await addRow("Name of the view", "orders");
  await c.box("Read, view orders").check();
  await c.page.getByText("No public operation writes through a view", { exact: false }).waitFor();
  await save();
  expect(await grants()).toContain("view orders: read");
  expect(await grants()).toContain("table orders: read write");
});

test("definitions_have_their_own_permission", async () => {
  await c.page.getByRole("tab", { name: "Definitions" }).click();
  await c.box("Export definitions").check();
  await save();
  expect(await grants()).toContain("definitions : read");
});

test("a_name_is_listed_once", async () => {
  await c.page.getByRole("tab", { name: "Tables" }).click();
  await c.page.getByLabel("Name of the table").fill("ORDERS");
  await c.button("Add to the list").click();
  await c.page.getByText("It is in the list already.").waitFor();
});

test("leaving_changed_permissions_asks", async () => {
  await c.box("Read, table orders").uncheck();
  await c.link("All data apps").click();
  await c.button("Stay").click();
  await c.link("All data apps").click();
  await c.button("Discard").click();
  await c.heading("Apps").waitFor();
  expect(await grants()).toContain("table orders: read write");
});

test("two_data_apps_coexist", async () => {
  await c.button("New App").click();
  const form = c.dialog("New App");
  await form.getByLabel("App Name", { exact: false }).first().fill("reader");
  await form.getByRole("button", { name: "Save", exact: true }).click();
  await c.page.getByText("An app with this name exists already.").waitFor();
  await form.getByLabel("App Name", { exact: false }).first().fill("Writer");
  await form.getByRole("button", { name: "Save", exact: true }).click();
  await c.button("Done").click();
  await c.heading("Writer").waitFor();
  await c.link("All data apps").click();
  const cells = async (name: string) =>
    c.page.getByRole("row").filter({ hasText: name }).getByRole("cell").allInnerTexts();
  await c.page.getByRole("cell", { name: "Writer", exact: true }).waitFor();
  expect((await cells("Reader")).slice(4, 6)).toEqual(["2", "1"]);
  expect((await cells("Writer")).slice(4, 6)).toEqual(["0", "0"]);
  await accessible(c.page);
});

test("a_data_app_goes_with_its_permissions", async () => {
  await c.button("Actions for Reader").click();
  await c.page.getByRole("menuitem", { name: "Delete" }).click();
  const form = c.dialog("Delete app");
  await form.getByText("4 permissions on tables and views go with it.").waitFor();
  await form.getByLabel("Type Reader to confirm").fill("Reader");
  await form.getByRole("button", { name: "Delete app" }).click();
  await c.page.getByText("App Reader deleted").waitFor();
  await expect.poll(() => c.page.getByRole("row").count()).toBe(2);
  await c.page.goto(`${c.server.url}/builder/data/apps/${clientId}`);
  await c.page.getByText("App not found").waitFor();
});

test("the_content_security_policy_was_never_broken", () => {
  expect(c.faults).toEqual([]);
});
