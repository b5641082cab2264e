import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";

/** Our own sample agent, as an export would hold it. */
export const folder = join(import.meta.dirname, "../../samples/parcel-desk");

/** The sample as a zip. */
export function zipped(): Buffer {
  const files = readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]);
  return Buffer.from(zipSync(Object.fromEntries(files) as Record<string, Uint8Array>));
}
