import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible } from "./accessible";
import { openConsole, PASSWORD, type Console } from "./console";

let c: Console;
let botId = "";
const ids: Record<string, string> = {};

beforeAll(async () => {
  c = await openConsole();
  botId = await c.sample();
  for (const [kind, name] of [["platform", "Parcel API"], ["admin", "Ops"], ["data", "Reader"]] as const) {
    const more = kind === "platform" ? ["--bot", botId] : [];
    ids[kind] = String((await c.server.run("app", "create", "--kind", kind, "--name", name, ...more)).clientId);
  }
});
afterAll(() => c?.close());

/** Signs somebody of a role in, who chooses a password of their own first. */
async function enter(role: string): Promise<void> {
  const email = `${role}@example.org`;
  await c.server.pipe("the first password of all", "user", "add", "--email", email, "--role", role, "--password-stdin");
  await c.context.clearCookies();
  await c.page.goto(`${c.server.url}/sign-in`);
  await c.page.getByLabel("E-mail").fill(email);
  await c.page.getByRole("textbox", { name: "Password" }).fill("the first password of all");
  await c.button("Sign in").click();
  await c.page.getByText("This is your first sign-in.", { exact: false }).waitFor();
  await c.page.getByRole("textbox", { name: "New password", exact: true }).fill(PASSWORD);
  await c.page.getByRole("textbox", { name: "New password, again" }).fill(PASSWORD);
  await c.button("Change password").click();
  await c.heading("Agents").waitFor();
}

const visit = async (path: string, heading: string) => {
  await c.page.goto(c.server.url + path);
  await c.heading(heading).waitFor();
};
const lacks = async (permission: string) => {
  await c.page.getByText(`You need the permission ${permission}`).first().waitFor();
  await accessible(c.page);
};
const sdk = () => visit(`/builder/${botId}/settings/dev-tools/web-mobile-sdk?app=${ids.platform}`, "Web/Mobile SDK");

test("a_tester_sees_apps_without_their_secrets_and_changes_nothing", async () => {
  await enter("tester");
  await sdk();
  await c.page.getByText("View only: changing apps needs the permission apps", { exact: false }).waitFor();
  expect(await c.fact("Client ID")).toContain(ids.platform);
  expect(await c.page.getByTestId("secret").count()).toBe(0);
  expect(await c.button("Edit").count()).toBe(0);
  await visit(`/builder/${botId}/settings/dev-tools/api-scope/new`, "New API Scope Mapping");
  await lacks("apps");
  await visit("/builder/data/apps", "Apps");
  await c.page.getByRole("cell", { name: "Reader", exact: true }).waitFor();
  expect(await c.button("New App").count()).toBe(0);
  await visit("/admin/audit", "Audit Report");
  await lacks("audit");
});

test("a_developer_sets_up_apps_of_agents_but_nothing_of_the_whole_account", async () => {
  await enter("developer");
  await sdk();
  await c.page.getByTestId("secret").waitFor();
  await c.button("Edit").waitFor();
  await visit("/admin/security/api-scopes/new", "New API Scope Mapping");
  await lacks("account");
  await visit("/admin/security/keys", "Keys");
  await c.page.getByRole("table").waitFor();
  expect(await c.button("Rotate keys").count()).toBe(0);
  await visit("/admin/security/settings", "Security Settings");
  await c.page.getByText("View only").waitFor();
  await visit(`/builder/data/apps/${ids.data}`, "Reader");
  await c.page.getByText(ids.data ?? "").first().waitFor();
  expect(await c.page.getByTestId("secret").count()).toBe(0);
  await visit("/admin/audit", "Audit Report");
  await lacks("audit");
});

test("an_admin_reaches_every_page", async () => {
  await enter("admin");
  await sdk();
  await c.button("Delete").waitFor();
  await visit("/admin/security/keys", "Keys");
  await c.button("Rotate keys").waitFor();
  await visit("/admin/security/settings", "Security Settings");
  await c.button("Save").waitFor();
  await visit("/admin/audit", "Audit Report");
  await c.page.getByRole("cell", { name: "user.create" }).first().waitFor();
  await visit(`/builder/data/apps/${ids.data}`, "Reader");
  await c.page.getByTestId("secret").waitFor();
});

test("the_content_security_policy_was_never_broken", () => {
  expect(c.faults).toEqual([]);
});
