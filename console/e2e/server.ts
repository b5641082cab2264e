import { execFile, spawn, type ChildProcess } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { chromium, type Browser } from "playwright-core";

/** A real server on an empty store and a free port. */
export interface Server {
  url: string;
  setupCode: string;
  /** Runs a command on the server's store; answers what it prints as JSON. */
  run: (...args: string[]) => Promise<Record<string, unknown>>;
  /** The same with a line on standard input. */
  pipe: (line: string, ...args: string[]) => Promise<Record<string, unknown>>;
  stop: () => Promise<void>;
}

const binary = process.env.OMBUD_BIN ?? resolve(import.meta.dirname, "../../target/debug/ombud");

export async function startServer(): Promise<Server> {
  const data = mkdtempSync(join(tmpdir(), "ombud-e2e-"));
  const child = spawn(binary, ["serve", "--listen", "127.0.0.1:0"], {
    env: { ...process.env, OMBUD_DATA_DIR: data },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { url, setupCode } = await announced(child);
  const stop = async () => {
    const ended = new Promise((done) => child.once("exit", done));
    if (child.exitCode === null && child.kill("SIGTERM")) await ended;
    rmSync(data, { recursive: true, force: true });
  };
  const pipe = async (line: string, ...args: string[]) => {
    const env = { ...process.env, OMBUD_DATA_DIR: data };
    const ran = promisify(execFile)(binary, [...args, "--json"], { env });
    ran.child.stdin?.end(`${line}\n`);
    return JSON.parse((await ran).stdout) as Record<string, unknown>;
  };
  const run = (...args: string[]) => pipe("", ...args);
  return { url, setupCode, run, pipe, stop };
}

function announced(child: ChildProcess): Promise<{ url: string; setupCode: string }> {
  return new Promise((done, fail) => {
    let said = "";
    const read = (piece: Buffer) => {
      said += piece.toString();
      const url = /listening on (http:\/\/\S+)/.exec(said)?.[1];
      const setupCode = /setup code: (\S+)/.exec(said)?.[1];
      if (url && setupCode) done({ url, setupCode });
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("error", fail);
    child.once("exit", (code) => fail(new Error(`the server ended with ${code}:\n${said}`)));
  });
}

/** The system's Chromium; CHROMIUM names another one. */
function chromiumPath(): string {
  const known = ["chromium", "chromium-browser", "google-chrome"].map((name) => `/usr/bin/${name}`);
  const found = process.env.CHROMIUM ?? known.find((path) => existsSync(path));
  if (!found) throw new Error("no Chromium found: run `make setup-test`, or name one in CHROMIUM");
  return found;
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    timeout: 120_000,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token as any JWT library makes it. */
export function token(clientId: string, secret: string): string {
  const exp = Math.floor(Date.now() / 1000) + 300;
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: "1234567890", appId: clientId, exp })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
