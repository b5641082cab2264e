// Writes the types of the API from its document; leaves the file alone when nothing changed.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const document = new URL("../../spec/openapi.json", import.meta.url);
const target = new URL("../src/api/schema.d.ts", import.meta.url);
const head = "// Written by `npm run api` from spec/openapi.json.\n";
const text = head + astToString(await openapiTS(document, { alphabetize: true, defaultNonNullable: false }));
if (!existsSync(target) || readFileSync(target, "utf8") !== text) writeFileSync(target, text);
