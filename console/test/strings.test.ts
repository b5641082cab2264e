import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { format, t, type TextKey } from "../src/strings";
import en from "../src/strings/en.json";

/** Labels that the documentation of the interface prescribes. */
const documented: [TextKey, string][] = [
  ["agents.newApp", "New App"],
  ["agents.importApp", "Import App"],
  ["import.name", "App Name"],
  ["import.json", "JSON Files"],
  ["import.zip", "Zip File"],
  ["import.definition", "App Definition File"],
  ["import.config", "App Config File"],
  ["import.create", "Create App"],
  ["nav.summary", "Summary"],
  ["nav.utterance", "Utterance Testing"],
  ["nav.sdk", "Web/Mobile SDK"],
  ["nav.apiScope", "API Scope"],
  ["publish.tasks", "TASKS & LANGUAGES"],
  ["publish.nl", "NATURAL LANGUAGE"],
  ["publish.channels", "CHANNELS"],
  ["publish.extensions", "EXTENSIONS"],
  ["publish.settings", "SETTINGS"],
  ["publish.next", "Next"],
  ["publish.confirm", "Confirm"],
  ["sdk.add", "Add"],
  ["sdk.jwtApp", "JWT App"],
  ["sdk.create", "Create JWT App"],
  ["sdk.manage", "Manage Apps"],
  ["sdk.appName", "App Name"],
  ["sdk.appId", "App ID"],
  ["sdk.clientId", "Client ID"],
  ["sdk.clientSecret", "Client Secret"],
  ["sdk.enforceJti", "Enforce JTI"],
  ["createApp.title", "Create JWT App"],
  ["createApp.name", "Name"],
  ["createApp.algorithm", "JWT Signing Algorithms Used For Client App Authentication"],
  ["createApp.jti", "Enforce JTI (JWT ID) Claim"],
  ["createApp.publicKey", "Public Key"],
  ["createApp.jwe", "Enforce JWE Encryption"],
  ["sdk.enforceJwe", "Enforce JWE"],
  ["createApp.payload", "Enforce Request and Response Payload Encryption"],
  ["payload.operations", "Supported APIs for Encryption"],
  ["shell.goToAdmin", "Go To Admin Console"],
  ["admin.back", "Back to App Builder"],
  ["admin.security", "Security & Control"],
  ["admin.apiScopes", "API Scopes"],
  ["admin.settings", "Security Settings"],
  ["admin.auditLogs", "Audit Logs"],
  ["adminScopes.title", "API Scopes"],
  ["adminScopes.new", "New"],
  ["adminScopes.newApp", "New App"],
  ["adminScopes.createApp", "+Create App"],
  ["adminScopes.app", "App"],
  ["adminScopes.scopes", "Scopes"],
  ["adminScopes.jwe", "JWE"],
  ["audit.title", "Audit Report"],
  ["createApp.next", "Next"],
  ["createApp.done", "Done"],
  ["createApp.success", "App created successfully"],
  ["createApp.publicKey", "Public Key"],
  ["payload.publicKey", "Public Key"],
  ["payload.symmetricKey", "Symmetric encryption key"],
  ["payload.operations", "Supported APIs for Encryption"],
  ["sdk.platformKey", "Public Key"],
  ["scopes.title", "API Scope"],
  ["scopes.create", "Create API Scope"],
  ["scopes.new", "New API Scope Mapping"],
  ["scopes.jwtApp", "JWT App"],
  ["scopes.automation", "Automation"],
  ["scopes.contactCenter", "Contact Center"],
  ["scopes.goToPublish", "Go to Publish"],
  ["token.title", "Generate JWT token"],
  ["token.algorithm", "Algorithm"],
  ["token.decoded", "Decoded"],
  ["token.payload", "Payload"],
  ["token.verify", "Verify Signature"],
  ["token.copy", "Copy JWT"],
  ["sdk.generate", "Generate token"],
  ["chat.type", "Type a user utterance"],
  ["chat.ranking", "Ranking and Resolver"],
  ["synonyms.words", "Bot Synonyms"],
  ["synonyms.concepts", "Concepts"],
  ["synonyms.new", "New Synonym"],
  ["train.title", "Training"],
  ["versions.title", "App Versions"],
  ["versions.new", "New Version"],
  ["versions.name", "Version Name"],
  ["versions.make", "New App Version"],
  ["versions.compare", "Compare"],
  ["versions.restore", "Restore"],
  ["moving.title", "Import & Export"],
  ["moving.full", "Full Import"],
  ["moving.incremental", "Incremental Import"],
  ["moving.backup", "Backup"],
  ["moving.proceed", "Proceed"],
  ["moving.latest", "Latest Version"],
  ["nlu.title", "NLU Config"],
  ["faqs.title", "FAQs"],
  ["faqs.response", "Bot Response"],
  ["faqs.addResponse", "+ Alternate Response"],
  ["faqs.reference", "Reference Id"],
  ["faqs.status", "Intent Status"],
  ["batch.title", "Batch Testing"],
  ["batch.new", "New Test Suite"],
  ["batch.manual", "Add Manually"],
  ["batch.run", "Run"],
  ["variables.title", "Variables"],
  ["variables.env", "Environment Variables"],
  ["variables.content", "Content Variables"],
  ["variables.add", "Add Variable"],
  ["variables.name", "Variable Name"],
  ["variables.value", "Value"],
  ["variables.notes", "Notes"],
  ["variables.group", "Group"],
  ["languages.title", "Language Management"],
  ["changes.title", "Change Logs"],
];

test("documented_labels_are_verbatim", () => {
  for (const [key, label] of documented) expect(t(key), key).toBe(label);
});

test("documented labels stand in the contract", () => {
  const contract = join(import.meta.dirname, "../../../shared/contract/console.md");
  if (!existsSync(contract)) {
    console.warn("skipped: the contract is not beside this checkout");
    return;
  }
  const text = readFileSync(contract, "utf8").replaceAll("**", "");
  for (const [, label] of documented) expect(text).toContain(label);
});

describe("texts", () => {
  test("names and plurals are filled", () => {
    expect(format("Hello {name}", { name: "Ada" })).toBe("Hello Ada");
    const files = "{count, plural, =0 {none} one {# file} other {# files}}";
    expect(format(files, { count: 0 })).toBe("none");
    expect(format(files, { count: 1 })).toBe("1 file");
    expect(format(files, { count: 1200 })).toBe("1,200 files");
  });

  test("a filled value is not read as a pattern", () => {
    expect(format("Hello {name}", { name: "{secret}" })).toBe("Hello {secret}");
  });

  test("every text is well formed", () => {
    const walk = (node: unknown): void => {
      if (typeof node === "string") expect(() => format(node, { count: 2 })).not.toThrow();
      else Object.values(node as object).forEach(walk);
    };
    walk(en);
  });

  test("every text is used", () => {
    const read = (dir: string): string =>
      readdirSync(dir, { withFileTypes: true })
        .map((entry) =>
          entry.isDirectory()
            ? read(join(dir, entry.name))
            : /\.tsx?$/.test(entry.name)
              ? readFileSync(join(dir, entry.name), "utf8")
              : "",
        )
        .join("\n");
    const source = read(join(import.meta.dirname, "../src"));
    const built = /^(jobs|chat|token|security|audit|explain|status|quality|changes|versions)\./; // keys put together at run time
    const unused: string[] = [];
    for (const [page, texts] of Object.entries(en)) {
      for (const key of Object.keys(texts)) {
        const full = `${page}.${key}`;
        const put = source.includes(`"${full}"`) || source.includes(`\`${full}.$\{`);
        if (!built.test(full) && !put) unused.push(full);
      }
    }
    expect(unused).toEqual([]);
  });
});
