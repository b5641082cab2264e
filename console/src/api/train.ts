import { queryOptions } from "@tanstack/react-query";
import { api, take } from "./client";
import { client } from "./queries";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Intents = Schemas["ConsoleIntents"];
export type Intent = Schemas["ConsoleIntent"];
export type IntentDetail = Schemas["ConsoleIntentDetail"];
export type Line = Schemas["ConsoleLine"];
export type Tag = Schemas["ConsoleTag"];
export type Entity = Schemas["ConsoleEntity"];
export type Term = Schemas["ConsoleTerm"];
export type Explanation = Schemas["ConsoleExplanation"];
export type Candidate = Schemas["ConsoleExplained"];

const of = (language?: string) => (language ? { language } : {});

export const intentsQuery = (botId: string, language?: string) =>
  queryOptions({
    queryKey: ["train", botId, "intents", language ?? ""],
    queryFn: () =>
      take(
        api.GET("/agents/{botId}/training/intents", {
          params: { path: { botId }, query: of(language) },
        }),
      ),
  });

export const intentQuery = (botId: string, intentId: string, language?: string) =>
  queryOptions({
    queryKey: ["train", botId, "intent", intentId, language ?? ""],
    queryFn: () =>
      take(
        api.GET("/agents/{botId}/training/intents/{intentId}", {
          params: { path: { botId, intentId }, query: of(language) },
        }),
      ),
  });

export const synonymsQuery = (botId: string, language?: string) =>
  queryOptions({
    queryKey: ["train", botId, "synonyms", language ?? ""],
    queryFn: () =>
      take(
        api.GET("/agents/{botId}/training/synonyms", {
          params: { path: { botId }, query: of(language) },
        }),
      ),
  });

/** The newest long jobs on one agent. */
export const agentJobsQuery = (botId: string) =>
  queryOptions({
    queryKey: ["jobs", botId],
    queryFn: () => take(api.GET("/jobs", { params: { query: { botId, limit: 50 } } })),
    refetchInterval: (query) =>
      query.state.data?.items.some((job) => job.state === "queued" || job.state === "running")
        ? 1_500
        : false,
  });

/** After a change of the draft: what was read of the agent is read anew. */
export async function changed(botId: string): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: ["train", botId] }),
    client.invalidateQueries({ queryKey: ["agent", botId] }),
    client.invalidateQueries({ queryKey: ["agents"] }),
  ]);
}
