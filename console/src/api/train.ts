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

export type LinkedApps = Schemas["ConsoleLinkedApps"];

export const linksQuery = (botId: string) =>
  queryOptions({
    queryKey: ["train", botId, "links"],
    queryFn: () => take(api.GET("/agents/{botId}/linked-apps", { params: { path: { botId } } })),
  });

export type Faqs = Schemas["ConsoleFaqs"];
export type Faq = Schemas["ConsoleFaq"];
export type FaqDetail = Schemas["ConsoleFaqDetail"];
export type Node = Schemas["ConsoleNode"];
export type Overview = Schemas["ConsoleTrainingOverview"];
export type TrainingLanguage = Schemas["ConsoleTraining"];
export type QualityReport = Schemas["ConsoleQualityReport"];
export type Suite = Schemas["ConsoleSuite"];
export type TestRun = Schemas["ConsoleTestRun"];
export type Case = Schemas["ConsoleCase"];
export type Nlp = Schemas["ConsoleNlp"];
export type NlpValues = Schemas["ConsoleNlpValues"];
export type Variable = Schemas["ConsoleVariable"];
export type Change = Schemas["ConsoleChange"];
export type AgentLanguage = Schemas["ConsoleLanguage"];

export const faqsQuery = (botId: string, language?: string) =>
  queryOptions({
    queryKey: ["train", botId, "faqs", language ?? ""],
    queryFn: () =>
      take(api.GET("/agents/{botId}/faqs", { params: { path: { botId }, query: of(language) } })),
  });

export const faqQuery = (botId: string, faqKey: string) =>
  queryOptions({
    queryKey: ["train", botId, "faq", faqKey],
    queryFn: () => take(api.GET("/agents/{botId}/faqs/{faqKey}", { params: { path: { botId, faqKey } } })),
  });

export const overviewQuery = (botId: string) =>
  queryOptions({
    queryKey: ["train", botId, "overview"],
    queryFn: () => take(api.GET("/agents/{botId}/training/status", { params: { path: { botId } } })),
  });

export const qualityQuery = (botId: string, language?: string) =>
  queryOptions({
    queryKey: ["train", botId, "quality", language ?? ""],
    queryFn: () =>
      take(
        api.GET("/agents/{botId}/training/quality", {
          params: { path: { botId }, query: of(language) },
        }),
      ),
  });

export const suitesQuery = (botId: string) =>
  queryOptions({
    queryKey: ["suites", botId],
    queryFn: () => take(api.GET("/agents/{botId}/test-suites", { params: { path: { botId } } })),
    refetchInterval: (query) =>
      query.state.data?.items.some((suite) => suite.runs.some((run) => run.state === "running"))
        ? 1_000
        : false,
  });

export const runQuery = (botId: string, suite: string, runId: string) =>
  queryOptions({
    queryKey: ["suites", botId, suite, runId],
    staleTime: Infinity,
    queryFn: () =>
      take(
        api.GET("/agents/{botId}/test-suites/{suite}/runs/{runId}", {
          params: { path: { botId, suite, runId } },
        }),
      ),
  });

export const nlpQuery = (botId: string, language?: string) =>
  queryOptions({
    queryKey: ["train", botId, "nlp", language ?? ""],
    queryFn: () =>
      take(
        api.GET("/agents/{botId}/training/config", {
          params: { path: { botId }, query: of(language) },
        }),
      ),
  });

export const variablesQuery = (botId: string) =>
  queryOptions({
    queryKey: ["train", botId, "variables"],
    queryFn: () => take(api.GET("/agents/{botId}/variables", { params: { path: { botId } } })),
  });

export const languagesQuery = (botId: string) =>
  queryOptions({
    queryKey: ["train", botId, "languages"],
    queryFn: () => take(api.GET("/agents/{botId}/languages", { params: { path: { botId } } })),
  });

export const changesQuery = (botId: string, search: { page?: number; from?: string; to?: string }) =>
  queryOptions({
    queryKey: ["changes", botId, search],
    staleTime: 0,
    queryFn: () =>
      take(api.GET("/agents/{botId}/changes", { params: { path: { botId }, query: search } })),
  });

export type Version = Schemas["ConsoleVersion"];
export type Comparison = Schemas["ConsoleComparison"];

export const versionsQuery = (botId: string) =>
  queryOptions({
    queryKey: ["versions", botId],
    queryFn: () => take(api.GET("/agents/{botId}/versions", { params: { path: { botId } } })),
  });

/** What differs between a version and another one, or the draft. */
export const compareQuery = (botId: string, number: string, other: string) =>
  queryOptions({
    queryKey: ["versions", botId, number, other],
    staleTime: 0,
    queryFn: () =>
      take(
        api.GET("/agents/{botId}/versions/{number}/compare", {
          params: { path: { botId, number }, query: { with: other } },
        }),
      ),
  });

export type TraitTypes = Schemas["ConsoleTraitTypes"];
export type TraitType = Schemas["ConsoleTraitType"];
export type Trait = Schemas["ConsoleTrait"];
export type PatternTest = Schemas["ConsolePatternTest"];
export type ConversationSuite = Schemas["ConsoleConversationSuite"];
export type ConversationRun = Schemas["ConsoleConversationRun"];
export type StepVerdict = Schemas["ConsoleStepVerdict"];
export type OutputVerdict = Schemas["ConsoleOutputVerdict"];

export const traitsQuery = (botId: string, language?: string) =>
  queryOptions({
    queryKey: ["train", botId, "traits", language ?? ""],
    queryFn: () =>
      take(
        api.GET("/agents/{botId}/training/traits", {
          params: { path: { botId }, query: of(language) },
        }),
      ),
  });

export const conversationSuitesQuery = (botId: string) =>
  queryOptions({
    queryKey: ["conversations", botId],
    queryFn: () => take(api.GET("/agents/{botId}/conversation-suites", { params: { path: { botId } } })),
    refetchInterval: (query) =>
      query.state.data?.items.some((suite) => suite.runs.some((run) => run.state === "running"))
        ? 1_000
        : false,
  });

/** A run with its verdicts; read anew when its state changes. */
export const conversationRunQuery = (botId: string, suite: string, runId: string, state: string) =>
  queryOptions({
    queryKey: ["conversations", botId, suite, runId, state],
    staleTime: Infinity,
    queryFn: () =>
      take(
        api.GET("/agents/{botId}/conversation-suites/{suite}/runs/{runId}", {
          params: { path: { botId, suite, runId } },
        }),
      ),
  });

export type Extraction = Schemas["ConsoleExtraction"];
export type Extracted = Schemas["ConsoleExtracted"];

/** The extractions in a language; read anew as long as one runs. */
export const extractionsQuery = (botId: string, language?: string) =>
  queryOptions({
    queryKey: ["train", botId, "extractions", language ?? ""],
    queryFn: () =>
      take(api.GET("/agents/{botId}/extractions", { params: { path: { botId }, query: of(language) } })),
    refetchInterval: (query) =>
      query.state.data?.items.some((one) => one.state === "running") ? 1_000 : false,
  });

export const extractionQuery = (botId: string, extractionId: string) =>
  queryOptions({
    queryKey: ["train", botId, "extraction", extractionId],
    queryFn: () =>
      take(
        api.GET("/agents/{botId}/extractions/{extractionId}", {
          params: { path: { botId, extractionId } },
        }),
      ),
    refetchInterval: (query) => (query.state.data?.extraction.state === "running" ? 1_000 : false),
  });
