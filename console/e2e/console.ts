import { join } from "node:path";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { openBrowser, startServer, type Server } from "./server";

export const PASSWORD = "correct horse battery staple";
export const OWNER = "owner@example.org";

/** A server with its first account, and a browser whose page is signed in as the owner. */
export interface Console {
  server: Server;
  browser: Browser;
  context: BrowserContext;
  page: Page;
  /** Script errors, and what the content security policy refused. */
  faults: string[];
  /** Every address and body that the browser sent. */
  sent: string[];
  button: (name: string) => Locator;
  link: (name: string) => Locator;
  heading: (name: string) => Locator;
  dialog: (name: string) => Locator;
  option: (name: string) => Locator;
  box: (name: string | RegExp) => Locator;
  /** The value of a line of facts. */
  fact: (label: string) => Promise<string>;
  /** The text on the clipboard, which is emptied. */
  copied: () => Promise<string>;
  /** The sample agent, imported. */
  sample: () => Promise<string>;
  close: () => Promise<void>;
}

/** Starts it; with a `host` the browser uses that name for the loopback address. */
export async function openConsole(host = "127.0.0.1"): Promise<Console> {
  const server = await startServer();
  server.url = server.url.replace("127.0.0.1", host);
  const browser = await openBrowser();
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    permissions: ["clipboard-read", "clipboard-write"],
    reducedMotion: "reduce",
    acceptDownloads: true,
  });
  // The console's own pages may not read the clipboard, this one may.
  const board = await context.newPage();
  await board.goto(`${server.url}/health`);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const faults: string[] = [];
  const sent: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) faults.push(message.text());
  });
  page.on("request", (request) => {
    const body = request.method() === "GET" ? "" : (request.postDataBuffer()?.toString("latin1") ?? "");
    sent.push(`${request.method()} ${request.url()} ${body}`);
  });
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  const heading = (name: string) => page.getByRole("heading", { name, level: 1, exact: true });
  await page.goto(`${server.url}/setup`);
  await page.getByLabel("One-time code").fill(server.setupCode);
  await page.getByLabel("Account name").fill("Acme");
  await page.getByLabel("E-mail").fill(OWNER);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await button("Create account").click();
  await heading("Agents").waitFor();
  return {
    server,
    browser,
    context,
    page,
    faults,
    sent,
    button,
    heading,
    link: (name) => page.getByRole("link", { name, exact: true }),
    dialog: (name) => page.getByRole("dialog", { name, exact: true }),
    option: (name) => page.getByRole("option", { name, exact: true }),
    box: (name) => page.getByRole("checkbox", typeof name === "string" ? { name, exact: true } : { name }),
    fact: (label) => page.locator("dt", { hasText: label }).locator("+ dd").first().innerText(),
    copied: async () => {
      await board.bringToFront();
      const text = await board.evaluate(async () => {
        const text = await navigator.clipboard.readText();
        await navigator.clipboard.writeText("");
        return text;
      });
      await page.bringToFront();
      return text;
    },
    sample: async () => {
      const files = join(import.meta.dirname, "../../samples/parcel-desk");
      return String((await server.run("agent", "import", files)).botId);
    },
    close: async () => {
      await browser.close();
      await server.stop();
    },
  };
}
