/**
 * The console's part of the server's interface, in the shape that openapi-typescript writes.
 * Nothing but types: this file can be replaced by a generated one.
 */

export interface Problem {
  type?: string;
  title?: string;
  status: number;
  code: string;
  detail?: string;
  fields?: { field: string; message: string }[];
  requestId?: string;
}

export interface User {
  id: string;
  email: string;
  name: string;
  mustChangePassword: boolean;
}

export interface Session {
  user: User;
  account: { id: string; name: string };
  permissions: string[];
  csrfToken: string;
}

export interface Agent {
  botId: string;
  name: string;
  description?: string;
  languages: string[];
  state: "draft" | "published";
  trained: boolean;
  stale: boolean;
  updatedAt: string | number;
  dialogs: number;
  intents: number;
  faqs: number;
}

export interface ImportReport {
  willRun: { kind: string; count: number }[];
  kept: { kind: string; count: number; nodes: string[] }[];
  broken: { where: string; what: string }[];
  secrets: { where: string; kind: string }[];
  warnings: string[];
}

export interface Job {
  id: string;
  kind: string;
  state: "queued" | "running" | "done" | "failed";
  percent: number;
  message?: string | null;
  result?: { botId?: string; report?: ImportReport } | null;
  error?: string | { message?: string } | null;
  botId?: string | null;
  createdAt: string | number;
  updatedAt: string | number;
}

export interface App {
  clientId: string;
  name: string;
  kind: string;
  algorithm: string;
  enforceJti: boolean;
  enforceJwe: boolean;
  payload: string;
  agents: string[];
  state: "enabled" | "disabled";
  createdAt: string | number;
  lastUsedAt?: string | number | null;
  secretEndsAt?: string | number | null;
}

export interface Dependents {
  agents: { botId: string; name: string }[];
  mappings: number;
}

export interface Scope {
  id: string;
  name: string;
  group: string;
  description?: string;
  operations: string[];
}

export interface Mapping {
  clientId: string;
  appName: string;
  draft: string[];
  published: string[];
  state: "published" | "not_published" | "removal_not_published";
  changedBy?: string | null;
  changedAt?: string | number | null;
}

export interface ChatMessage {
  type: "text" | "template";
  text?: string | null;
  payload?: unknown;
}

export interface Ranked {
  name: string;
  type: string;
  ml?: number | null;
  fm?: number | null;
  faq?: number | null;
  score?: number | null;
  reason?: string | null;
}

export interface Detection {
  result: string;
  winner?: { name: string; type: string; score?: number | null } | null;
  ranking: Ranked[];
  tookMs?: number | null;
}

export interface ChatAnswer {
  messages: ChatMessage[];
  endOfTask?: boolean;
  completedTaskName?: string | null;
  detection?: Detection | null;
}

/* The table of paths. */

type Path<K extends string> = { [P in K]: string };
type Failure = { default: { content: { "application/problem+json": Problem } } };
type Answer<Status extends number, T> = {
  [S in Status]: { headers: Record<string, unknown>; content: { "application/json": T } };
} & Failure;
type Empty = { 204: { headers: Record<string, unknown>; content?: never } } & Failure;

type Call<R, P = never, Q = never, B = never> = {
  parameters: ([P] extends [never] ? { path?: never } : { path: P }) &
    ([Q] extends [never] ? { query?: never } : { query?: Q });
  responses: R;
} & ([B] extends [never]
  ? { requestBody?: never }
  : { requestBody: { content: { "application/json": B } } });

type BotPath = Path<"botId">;
type AppPath = Path<"clientId">;
type Page = { cursor?: string; limit?: number; q?: string };

export interface paths {
  "/setup": {
    get: Call<Answer<200, { needed: boolean }>>;
    post: Call<
      Answer<201, Session>,
      never,
      never,
      { code: string; account: string; name?: string; email: string; password: string }
    >;
  };
  "/session": {
    get: Call<Answer<200, Session>>;
    post: Call<Answer<200, Session>, never, never, { email: string; password: string }>;
    delete: Call<Empty>;
  };
  "/session/confirm": { post: Call<Empty, never, never, { password: string }> };
  "/session/password": { put: Call<Empty, never, never, { current: string; next: string }> };
  "/agents": { get: Call<Answer<200, { items: Agent[]; next?: string | null }>, never, Page> };
  "/agents/{botId}": { get: Call<Answer<200, Agent>, BotPath>; delete: Call<Empty, BotPath> };
  "/agents/{botId}/report": { get: Call<Answer<200, ImportReport>, BotPath> };
  "/agents/{botId}/train": {
    post: Call<Answer<202, { jobId: string }>, BotPath, never, { language?: string }>;
  };
  "/agents/{botId}/publish": {
    post: Call<
      Answer<202, { jobId: string }>,
      BotPath,
      never,
      { comment?: string; components?: string[] }
    >;
  };
  "/agents/{botId}/chat": {
    post: Call<
      Answer<200, ChatAnswer>,
      BotPath,
      never,
      { text: string; sessionNew?: boolean; draft?: boolean }
    >;
  };
  "/agents/{botId}/scope-mappings": { get: Call<Answer<200, { items: Mapping[] }>, BotPath> };
  "/agents/{botId}/scope-mappings/{clientId}": {
    put: Call<Answer<200, Mapping>, BotPath & AppPath, never, { scopes: string[] }>;
    delete: Call<Empty, BotPath & AppPath>;
  };
  "/agents/{botId}/scope-mappings/{clientId}/revoke": { post: Call<Empty, BotPath & AppPath> };
  "/jobs": { get: Call<Answer<200, { items: Job[] }>, never, { botId?: string; limit?: number }> };
  "/jobs/{id}": { get: Call<Answer<200, Job>, Path<"id">> };
  "/apps": {
    get: Call<Answer<200, { items: App[] }>, never, { kind?: string; agent?: string }>;
    post: Call<
      Answer<201, { app: App; clientSecret: string }>,
      never,
      never,
      { name: string; kind: string; algorithm: string; enforceJti: boolean; botId?: string }
    >;
  };
  "/apps/{clientId}": {
    get: Call<Answer<200, App>, AppPath>;
    patch: Call<
      Answer<200, App>,
      AppPath,
      never,
      { name?: string; enforceJti?: boolean; state?: "enabled" | "disabled" }
    >;
    delete: Call<Empty, AppPath>;
  };
  "/apps/{clientId}/dependents": { get: Call<Answer<200, Dependents>, AppPath> };
  "/apps/{clientId}/secret/reveal": { post: Call<Answer<200, { secret: string }>, AppPath> };
  "/apps/{clientId}/secret/rotate": {
    post: Call<Answer<200, { secret: string }>, AppPath, never, { graceHours: number }>;
  };
  "/apps/{clientId}/agents/{botId}": {
    put: Call<Empty, BotPath & AppPath>;
    delete: Call<Empty, BotPath & AppPath>;
  };
  "/scopes": { get: Call<Answer<200, { items: Scope[] }>, never, { side?: string }> };
}
