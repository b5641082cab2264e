import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";

/** Our own sample agent, as an export would hold it. */
export const folder = join(import.meta.dirname, "../../samples/parcel-desk");

/** The sample as a zip. */
export function zipped(): Buffer {
  const files = readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]);
  return Buffer.from(zipSync(Object.fromEntries(files) as Record<string, Uint8Array>));
}

/** Path of a copy of the sample that has no dialog. */
export function withoutDialogs(): string {
  const name = "botDefinition.json";
  const definition = JSON.parse(readFileSync(join(folder, name), "utf8")) as Record<string, unknown>;
  const at = join(mkdtempSync(join(tmpdir(), "ombud-bare-")), name);
  writeFileSync(at, JSON.stringify({ ...definition, dialogs: [] }));
  return at;
}
