import createClient, { type Middleware } from "openapi-fetch";
import type { paths, Problem, Session } from "./types";

/** Everything the console calls lies under this path. */
export const BASE = "/api/console/v1";

/** A refusal of the server, or that it could not be reached (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: { field: string; message: string }[];
  readonly requestId?: string;
  readonly retryAfter?: number;

  constructor(problem: Partial<Problem>, response?: Response) {
    super(problem.detail || problem.title || response?.statusText || "");
    this.status = problem.status ?? response?.status ?? 0;
    this.code = problem.code ?? "unreachable";
    this.fields = (problem.fields ?? []).map(({ field = "", message = "" }) => ({ field, message }));
    this.requestId = problem.requestId ?? response?.headers.get("x-request-id") ?? undefined;
    const after = Number(response?.headers.get("retry-after"));
    if (after > 0) this.retryAfter = after;
  }

  /** The text for one field, when the server named it. */
  field(name: string): string | undefined {
    return this.fields.find((f) => f.field === name)?.message;
  }
}

// The token lives in memory only: it is part of each answer of GET /session.
let csrfToken = "";
let onSignedOut: () => void = () => {};

/** Remembers the token that each change must carry. */
export function keepToken(session: Session | null): void {
  csrfToken = session?.csrfToken ?? "";
}

/** Is called when the server no longer knows the session. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

const guard: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET" && csrfToken) request.headers.set("x-csrf-token", csrfToken);
    return request;
  },
  onResponse({ response, schemaPath }) {
    if (response.status === 401 && !schemaPath.startsWith("/session")) onSignedOut();
    return response;
  },
};

export const api = createClient<paths>({
  baseUrl: `${window.location.origin}${BASE}`,
  credentials: "same-origin",
  fetch: (request) => globalThis.fetch(request),
});
api.use(guard);

/** The answer's body, or an [`ApiError`]. */
export async function take<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  let result;
  try {
    result = await call;
  } catch {
    throw new ApiError({ status: 0, code: "unreachable" });
  }
  if (!result.response.ok) {
    const error = result.error;
    const problem = typeof error === "object" && error !== null ? (error as Problem) : {};
    throw new ApiError(problem, result.response);
  }
  return result.data as T;
}

/** Sends a form that starts a job; the answer names it. */
export async function sendForm(path: string, form: FormData): Promise<string> {
  let response;
  try {
    response = await fetch(BASE + path, {
      method: "POST",
      body: form,
      credentials: "same-origin",
      headers: { "x-csrf-token": csrfToken },
    });
  } catch {
    throw new ApiError({ status: 0, code: "unreachable" });
  }
  const body = (await response.json().catch(() => ({}))) as Partial<Problem> & { jobId?: string };
  if (!response.ok || !body.jobId) {
    if (response.status === 401) onSignedOut();
    throw new ApiError(body, response);
  }
  return body.jobId;
}

/** Sends the files of an agent; the answer names the job. */
export function importAgent(files: File[], names: string[], name?: string): Promise<string> {
  const form = new FormData();
  if (name) form.append("name", name);
  files.forEach((file, i) => form.append("file", file, names[i] ?? file.name));
  return sendForm("/agents/import", form);
}

/** Sends files to be taken over into an agent; without parts, all of them. */
export function importInto(
  botId: string,
  files: { file: File; path: string }[],
  parts: string[],
  append: string[],
): Promise<string> {
  const form = new FormData();
  parts.forEach((part) => form.append("part", part));
  append.forEach((word) => form.append("append", word));
  files.forEach(({ file, path }) => form.append("file", file, path));
  return sendForm(`/agents/${encodeURIComponent(botId)}/import`, form);
}
