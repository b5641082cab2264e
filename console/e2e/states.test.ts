import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible } from "./accessible";
import { openConsole, type Console } from "./console";
import { API, broken, states as check, type Wanted } from "./states";

let c: Console;
let botId = "";
let clientId = "";
let dataId = "";

/** The states of one page. */
const states = (page: Wanted): Promise<void> => check(c, page);

beforeAll(async () => {
  c = await openConsole();
  botId = await c.sample();
  clientId = String((await c.server.run("app", "create", "--kind", "platform", "--name", "Parcel API", "--bot", botId)).clientId);
  dataId = String((await c.server.run("app", "create", "--kind", "data", "--name", "Reader")).clientId);
});
afterAll(() => c?.close());

test("states_of_web_mobile_sdk", () =>
  states({
    path: `/builder/${botId}/settings/dev-tools/web-mobile-sdk?app=${clientId}`,
    heading: "Web/Mobile SDK",
    call: "/apps?*",
    empty: { text: "No JWT app yet.", answer: { items: [] } },
    permission: "view",
    viewOnly: async () => {
      await c.page.getByText("View only: changing apps needs the permission apps", { exact: false }).waitFor();
      expect(await c.button("Edit").count()).toBe(0);
      expect(await c.page.getByTestId("secret").count()).toBe(0);
      expect(await c.fact("Client ID")).toContain(clientId);
    },
  }));

test("a_chosen_app_that_is_gone_is_said_to_be_gone", async () => {
  await c.page.goto(`${c.server.url}/builder/${botId}/settings/dev-tools/web-mobile-sdk?app=cs-00000000-0000-5000-8000-000000000000`);
  await c.page.getByText("The chosen app does not exist any more.").waitFor();
  expect(await c.page.getByRole("combobox", { name: "JWT App" }).inputValue()).toBe("");
});

test("states_of_data_apps", () =>
  states({
    path: "/builder/data/apps",
    heading: "Apps",
    call: "/apps?*",
    empty: { text: "No data app yet.", answer: { items: [] } },
    permission: "view",
    viewOnly: async () => {
      await c.page.getByRole("cell", { name: "Reader", exact: true }).waitFor();
      expect(await c.button("New App").count()).toBe(0);
    },
  }));

test("states_of_data_app", () =>
  states({
    path: `/builder/data/apps/${dataId}`,
    heading: "Reader",
    call: `/apps/${dataId}/data-grants`,
    empty: { text: "No table in the list yet.", answer: { items: [] } },
    permission: "view",
    viewOnly: async () => {
      await c.page.getByText("No table in the list yet.", { exact: false }).waitFor();
      expect(await c.button("Save").count()).toBe(0);
    },
    change: async () => {
      await c.page.getByLabel("Name of the table").fill("orders");
      await c.button("Add to the list").click();
      await c.box("Read, table orders").check();
    },
  }));

test("states_of_security_settings", () =>
  states({
    path: "/admin/security/settings",
    heading: "Security Settings",
    call: "/settings/security",
    permission: "view",
    viewOnly: async () => {
      await c.page.getByText("View only").waitFor();
      expect(await c.button("Save").count()).toBe(0);
    },
    change: () => c.box("Require expiry").check(),
  }));

test("states_of_keys", () =>
  states({
    path: "/admin/security/keys",
    heading: "Keys",
    call: "/keys",
    empty: { text: "No keys yet.", answer: { items: [] } },
    permission: "view",
    viewOnly: async () => {
      await c.page.getByRole("table").waitFor();
      expect(await c.button("Rotate keys").count()).toBe(0);
    },
  }));

test("states_of_audit_report", () =>
  states({
    path: "/admin/audit",
    heading: "Audit Report",
    call: "/audit**",
    empty: { text: "No results", answer: { items: [] } },
    permission: "audit",
  }));

test("states_of_my_profile", () =>
  states({ path: "/me", heading: "My profile", call: "/session/passkeys", empty: { text: "No passkey yet.", answer: { items: [] } } }));

test("states_of_token_page", async () => {
  await c.page.goto(`${c.server.url}/tools/jwt?appId=${clientId}`);
  await c.page.getByText("Enter the client secret or private key", { exact: false }).waitFor();
  await c.page.route("**/.well-known/jwks.json", (route) => route.fulfill({ status: 503, body: "" }));
  await c.page.getByRole("textbox", { name: "Verify Signature" }).fill("a secret of the page that is long enough");
  await c.box(/^Encrypt for the platform/).check();
  await c.page.getByText("The platform's keys cannot be read", { exact: false }).waitFor();
  expect(await c.button("Copy JWT").isDisabled()).toBe(true);
  await accessible(c.page);
  await c.page.unroute("**/.well-known/jwks.json");
});

test("states_of_sign_in", async () => {
  await c.context.clearCookies();
  await c.page.goto(`${c.server.url}/sign-in`);
  await c.heading("Sign in").waitFor();
  await c.button("Sign in").click();
  await c.page.getByText("This field is required.").first().waitFor();
  await c.page.getByLabel("E-mail").fill("owner@example.org");
  await c.page.getByRole("textbox", { name: "Password" }).fill("wrong horse battery");
  await c.button("Sign in").click();
  await c.page.getByText("Address or password are wrong").waitFor();
  await accessible(c.page);
  await c.page.route(`${API}/session`, (route) => (route.request().method() === "POST" ? broken(route) : route.continue()));
  await c.page.getByRole("textbox", { name: "Password" }).fill("wrong horse battery");
  await c.button("Sign in").click();
  await c.page.getByText("The store is away.").waitFor();
  await c.page.unroute(`${API}/session`);
  await c.page.route(`${API}/session`, (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
  await c.page.getByRole("textbox", { name: "Password" }).fill("wrong horse battery");
  await c.button("Sign in").click();
  await c.page.getByText("The server cannot be reached.").waitFor();
  await c.page.unroute(`${API}/session`);
});

test("the_content_security_policy_was_never_broken", () => {
  expect(c.faults).toEqual([]);
});
