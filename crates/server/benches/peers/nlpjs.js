// The peer of `findIntent`: nlp.js behind the same signature check and rate limit.
// Arguments: the HMAC secret, a file of JSON lines {"text", "intent"} to train with, another to be asked about.
import { readFile } from "node:fs/promises";
import fastify from "fastify";
import jwt from "@fastify/jwt";
import limit from "@fastify/rate-limit";
import { dockStart } from "@nlpjs/basic";

const [secret, trainingFile, testFile] = process.argv.slice(2);
const linesOf = async (file) => (await readFile(file, "utf8")).split("\n").filter(Boolean).map((line) => JSON.parse(line));
const lines = await linesOf(trainingFile);
const dock = await dockStart({ settings: { nlp: { log: false, autoSave: false, languages: ["en"] }, "nlu-??": { log: false } }, use: ["Basic", "LangEn"] });
const nlp = dock.get("nlp");
for (const { text, intent } of lines) nlp.addDocument("en", text, intent);
const start = performance.now();
await nlp.train();
const trained = Math.round(performance.now() - start);

const asked = (await linesOf(testFile)).filter(({ intent }) => intent !== "oos");
let right = 0;
for (const { text, intent } of asked) {
  const { classifications } = await nlp.process("en", text);
  const best = classifications.filter((found) => found.intent !== "None").sort((a, b) => b.score - a.score)[0];
  if (best?.intent === intent) right += 1;
}

const app = fastify();
await app.register(jwt, { secret, verify: { algorithms: ["HS256"], extractToken: (request) => request.headers.auth } });
await app.register(limit, { max: 1_000_000_000, timeWindow: "1 minute" });
app.post("/findIntent", async (request) => {
  await request.jwtVerify();
  const found = await nlp.process("en", request.body.input);
  return { response: { result: found.intent === "None" ? "failintent" : "successintent", intent: found.intent, score: found.score } };
});
const address = await app.listen({ host: "127.0.0.1", port: 0 });
console.log(`trained in ${trained} ms, ${((100 * right) / asked.length).toFixed(2)} % of the test lines right`);
console.log(`listening on ${address}`);
