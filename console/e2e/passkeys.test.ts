import type { CDPSession } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible } from "./accessible";
import { openConsole, OWNER, PASSWORD, type Console } from "./console";

let c: Console;
let cdp: CDPSession;
let authenticatorId = "";

/** How the browser's authenticator answers: recognises the person, or is out of reach. */
const recognise = (isUserVerified: boolean) =>
  cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });

async function signOut(): Promise<void> {
  await c.page.getByRole("button", { name: /^Account menu/ }).click();
  await c.page.getByRole("menuitem", { name: "Sign out" }).click();
  await c.heading("Sign in").waitFor();
}

const profile = async () => {
  await c.page.goto(`${c.server.url}/me`);
  await c.heading("My profile").waitFor();
};

async function addPasskey(name: string): Promise<void> {
  await c.button("Add a passkey").click();
  await c.dialog("Add a passkey").getByLabel("Name", { exact: false }).first().fill(name);
  await c.button("Go on").click();
}

beforeAll(async () => {
  // Browsers make no passkeys for an address.
  c = await openConsole("localhost");
  cdp = await c.context.newCDPSession(c.page);
  await cdp.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2" as const,
    transport: "internal" as const,
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  ({ authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options }));
});
afterAll(() => c?.close());

test("a_passkey_is_added_with_a_name", async () => {
  await profile();
  await c.page.getByText("No passkey yet.").waitFor();
  await c.button("Add a passkey").click();
  await c.button("Go on").click();
  await c.page.getByText("This field is required.").waitFor();
  await accessible(c.page);
  await c.dialog("Add a passkey").getByLabel("Name", { exact: false }).first().fill("Laptop");
  await c.button("Go on").click();
  await c.page.getByText("Passkey Laptop added").waitFor();
  await c.page.getByRole("cell", { name: "Laptop", exact: true }).waitFor();
  expect(await c.page.getByRole("cell", { name: "localhost" }).count()).toBe(1);
  await accessible(c.page);
});

test("the_same_device_is_not_added_twice", async () => {
  await addPasskey("Again");
  await c.page.getByText("This device keeps a passkey of yours already.").waitFor();
  await c.button("Cancel").click();
});

test("a_passkey_signs_in_without_password", async () => {
  await signOut();
  await accessible(c.page);
  await c.button("Sign in with a passkey").click();
  await c.heading("Agents").waitFor();
  await profile();
  await expect.poll(() => c.page.getByRole("row", { name: /Laptop/ }).innerText()).not.toContain("Never");
});

test("the_password_alone_does_not_sign_in_any_more", async () => {
  await signOut();
  await c.page.getByLabel("E-mail").fill(OWNER);
  await c.page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await c.button("Sign in").click();
  await c.page.getByText("Your password is right. Now sign in with your passkey.").waitFor();
  await accessible(c.page);
  await c.button("Sign in with a passkey").click();
  await c.heading("Agents").waitFor();
});

test("a_device_that_does_not_recognise_the_person_opens_nothing", async () => {
  await signOut();
  await recognise(false);
  await c.button("Sign in with a passkey").click();
  await c.page.getByText("No passkey was used.", { exact: false }).waitFor();
  await recognise(true);
  await c.button("Sign in with a passkey").click();
  await c.heading("Agents").waitFor();
});

test("an_answer_counts_once_and_for_its_challenge_only", async () => {
  await signOut();
  const caught = c.page.waitForRequest((request) => request.url().endsWith("/session/passkey"));
  await c.button("Sign in with a passkey").click();
  const body = (await caught).postDataJSON() as Record<string, string>;
  await c.heading("Agents").waitFor();
  const post = async (data: Record<string, string>) => {
    const options = { data, headers: { origin: c.server.url } };
    const answer = await c.context.request.post(`${c.server.url}/api/console/v1/session/passkey`, options);
    return { status: answer.status(), code: ((await answer.json()) as { code: string }).code };
  };
  expect(await post(body)).toEqual({ status: 401, code: "passkey_wrong" });
  const other = await c.context.request.post(`${c.server.url}/api/console/v1/session/passkey/challenge`);
  const { challenge } = (await other.json()) as { challenge: string };
  const data = JSON.parse(Buffer.from(body.clientData ?? "", "base64url").toString()) as object;
  const moved = Buffer.from(JSON.stringify({ ...data, challenge })).toString("base64url");
  expect(await post({ ...body, clientData: moved })).toEqual({ status: 401, code: "passkey_wrong" });
});

test("a_passkey_proves_who_is_there", async () => {
  const call = "**/api/console/v1/session/passkeys/*";
  // The server asks for a proof when the last one is old; here it is made to ask once.
  let asked = false;
  await c.page.route(call, async (route) => {
    if (asked || route.request().method() !== "DELETE") return route.continue();
    asked = true;
    const problem = { status: 403, code: "step_up_required", title: "Forbidden", detail: "Confirm your password first" };
    await route.fulfill({ status: 403, contentType: "application/problem+json", body: JSON.stringify(problem) });
  });
  await profile();
  await c.button("Rename the passkey Laptop").click();
  await c.dialog("Rename passkey").getByLabel("Name", { exact: false }).first().fill("Work laptop");
  await c.dialog("Rename passkey").getByRole("button", { name: "Save" }).click();
  await c.page.getByText("Passkey Work laptop saved").waitFor();
  await c.button("Remove the passkey Work laptop").click();
  await c.dialog("Remove passkey").getByRole("button", { name: "Remove" }).click();
  const proof = c.dialog("Confirm that it is you");
  await proof.waitFor();
  await accessible(c.page);
  const confirmed = c.page.waitForResponse((answer) => answer.url().endsWith("/session/confirm"));
  await proof.getByRole("button", { name: "Confirm with a passkey" }).click();
  expect((await confirmed).status()).toBe(204);
  await c.page.getByText("Passkey Work laptop removed").waitFor();
  expect(asked).toBe(true);
  await c.page.getByText("No passkey yet.").waitFor();
  await c.page.unroute(call);
});

test("a_removed_passkey_opens_nothing_and_the_password_does_again", async () => {
  await signOut();
  await c.button("Sign in with a passkey").click();
  await c.page.getByText("This passkey does not open an account here").waitFor();
  await c.page.getByLabel("E-mail").fill(OWNER);
  await c.page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await c.button("Sign in").click();
  await c.heading("Agents").waitFor();
});

test("where_passkeys_cannot_be_the_page_says_why", async () => {
  const address = c.server.url.replace("localhost", "127.0.0.1");
  await c.page.goto(`${address}/sign-in`);
  await c.heading("Sign in").waitFor();
  expect(await c.button("Sign in with a passkey").count()).toBe(0);
  await c.page.getByLabel("E-mail").fill(OWNER);
  await c.page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await c.button("Sign in").click();
  await c.heading("Agents").waitFor();
  await c.page.goto(`${address}/me`);
  await c.page.getByText("Passkeys need HTTPS and a host name.", { exact: false }).waitFor();
  expect(await c.button("Add a passkey").count()).toBe(0);
});

test("the_content_security_policy_was_never_broken", () => {
  expect(c.faults).toEqual([]);
});
