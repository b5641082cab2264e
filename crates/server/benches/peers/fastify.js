// The peer of the benchmark: a fixed answer behind a signature check and a rate limit. Arguments: the HMAC secret.
import fastify from "fastify";
import jwt from "@fastify/jwt";
import limit from "@fastify/rate-limit";

const app = fastify();
await app.register(jwt, { secret: process.argv[2], verify: { algorithms: ["HS256"], extractToken: (request) => request.headers.auth } });
await app.register(limit, { max: 1_000_000_000, timeWindow: "1 minute" });
app.post("/fixed", async (request) => {
  await request.jwtVerify();
  return { response: { result: "successintent" } };
});
const address = await app.listen({ host: "127.0.0.1", port: 0 });
console.log(`listening on ${address}`);
