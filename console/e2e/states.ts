import type { Route } from "playwright-core";
import { expect } from "vitest";
import { accessible } from "./accessible";
import type { Console } from "./console";

export const API = "**/api/console/v1";

/** One page and what it shows in each state. */
export interface Wanted {
  path: string;
  heading: string;
  /** The call whose answer the page waits for. */
  call: string;
  /** What the page says when there is nothing; and the answer that has nothing. */
  empty?: { text: string; answer: unknown };
  /** The permission without which the page shows no content. */
  permission?: string;
  /** What the page says to those who may look but not change: their only permission is `view`. */
  viewOnly?: () => Promise<void>;
  /** Changes a field; then leaving asks. */
  change?: () => Promise<void>;
}

export const broken = (route: Route) =>
  route.fulfill({
    status: 500,
    contentType: "application/problem+json",
    body: JSON.stringify({ status: 500, code: "internal", title: "Internal", detail: "The store is away.", requestId: "r-17" }),
  });

/** Lets the person have these permissions only. */
export async function only(c: Console, permissions: string[]): Promise<() => Promise<void>> {
  const call = `${API}/session`;
  await c.page.route(call, async (route) => {
    if (route.request().method() !== "GET") return route.continue();
    const answer = await route.fetch();
    const session = (await answer.json()) as object;
    await route.fulfill({ response: answer, json: { ...session, permissions } });
  });
  return () => c.page.unroute(call);
}

export async function states(c: Console, page: Wanted): Promise<void> {
  const call = `${API}${page.call}`;
  const url = c.server.url + page.path;

  // slow, then failed: heading and navigation stand at once, the region says that it is busy
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  await c.page.route(call, async (route) => {
    if (route.request().method() !== "GET") return route.continue();
    await held;
    await broken(route);
  });
  await c.page.goto(url);
  await c.page.getByRole("heading", { level: 1 }).waitFor();
  await c.page.locator('[aria-busy="true"]').first().waitFor();
  release();
  await c.page.getByRole("alert").getByText("The store is away.").first().waitFor();
  await c.page.getByText("Request r-17").first().waitFor();
  await accessible(c.page);

  // tried again, it is there
  await c.page.unroute(call);
  await c.button("Try again").first().click();
  await c.page.getByText("The store is away.").first().waitFor({ state: "hidden" });
  await c.heading(page.heading).waitFor();
  await expect.poll(() => c.page.locator('[aria-busy="true"]').count()).toBe(0);

  if (page.empty) {
    const { text, answer } = page.empty;
    await c.page.route(call, (route) => route.fulfill({ json: answer }));
    await c.page.goto(url);
    await c.page.getByText(text, { exact: false }).first().waitFor();
    await accessible(c.page);
    await c.page.unroute(call);
  }
  if (page.permission) {
    const back = await only(c, []);
    await c.page.goto(url);
    await c.page.getByText(`You need the permission ${page.permission}`).first().waitFor();
    await accessible(c.page);
    await back();
  }
  if (page.viewOnly) {
    const back = await only(c, ["view"]);
    await c.page.goto(url);
    await c.heading(page.heading).waitFor();
    await page.viewOnly();
    await accessible(c.page);
    await back();
  }
  if (page.change) {
    await c.page.goto(url);
    await c.heading(page.heading).waitFor();
    await page.change();
    await c.page.getByRole("link", { name: "Ombud" }).first().click();
    await c.page.getByRole("dialog", { name: "Leave without saving?" }).waitFor();
    await accessible(c.page);
    await c.button("Stay").click();
    await c.heading(page.heading).waitFor();
    await c.page.getByRole("link", { name: "Ombud" }).first().click();
    await c.button("Discard").click();
    await c.heading("Agents").waitFor();
  }
}
