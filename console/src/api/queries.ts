import { queryOptions, QueryClient } from "@tanstack/react-query";
import { api, ApiError, take, keepToken } from "./client";
import { encryptionKey } from "../parts/jwt";
import type { AuditPage, Job, Session } from "./types";

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) =>
        count < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 502),
      staleTime: 5_000,
      refetchOnWindowFocus: false,
    },
  },
});

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  staleTime: Infinity,
  queryFn: async (): Promise<Session | null> => {
    try {
      const session = await take(api.GET("/session"));
      keepToken(session);
      return session;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
});

/** Whether the first account is still to be made. */
export async function setupNeeded(): Promise<boolean> {
  try {
    return (await take(api.GET("/setup"))).needed;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}

export const agentsQuery = (q: string, cursor?: string) =>
  queryOptions({
    queryKey: ["agents", q, cursor ?? ""],
    queryFn: () =>
      take(
        api.GET("/agents", {
          params: { query: { limit: 50, ...(q ? { q } : {}), ...(cursor ? { cursor } : {}) } },
        }),
      ),
  });

export const agentQuery = (botId: string) =>
  queryOptions({
    queryKey: ["agent", botId],
    queryFn: () => take(api.GET("/agents/{botId}", { params: { path: { botId } } })),
  });

export const reportQuery = (botId: string) =>
  queryOptions({
    queryKey: ["report", botId],
    queryFn: async () => {
      try {
        return await take(api.GET("/agents/{botId}/report", { params: { path: { botId } } }));
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });

export const isOver = (job?: Job): boolean => job?.state === "done" || job?.state === "failed";

export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ["job", id],
    queryFn: () => take(api.GET("/jobs/{id}", { params: { path: { id } } })),
    refetchInterval: (query) => (isOver(query.state.data) ? false : 500),
  });

export const jobsQuery = queryOptions({
  queryKey: ["jobs"],
  queryFn: () => take(api.GET("/jobs", { params: { query: { limit: 10 } } })),
  refetchInterval: (query) =>
    query.state.data?.items.some((job) => !isOver(job)) ? 1_500 : 60_000,
});

export const appsQuery = queryOptions({
  queryKey: ["apps"],
  queryFn: () => take(api.GET("/apps", { params: { query: { kind: "platform" } } })),
});

/** The platform's current key for encrypted tokens and payloads. */
export const platformKeyQuery = queryOptions({
  queryKey: ["platform-key"],
  queryFn: async () => {
    const answer = await fetch("/.well-known/jwks.json", { credentials: "omit" });
    if (!answer.ok) throw new ApiError({ status: answer.status });
    const { keys } = (await answer.json()) as { keys: (JsonWebKey & { kid?: string })[] };
    const found = encryptionKey(keys);
    if (!found) throw new ApiError({ status: 404 });
    return found;
  },
});

export const dependentsQuery = (clientId: string) =>
  queryOptions({
    queryKey: ["dependents", clientId],
    staleTime: 0,
    queryFn: () => take(api.GET("/apps/{clientId}/dependents", { params: { path: { clientId } } })),
  });

export const scopesQuery = queryOptions({
  queryKey: ["scopes"],
  staleTime: Infinity,
  queryFn: () => take(api.GET("/scopes", { params: { query: { side: "platform" } } })),
});

export const mappingsQuery = (botId: string) =>
  queryOptions({
    queryKey: ["mappings", botId],
    queryFn: () => take(api.GET("/agents/{botId}/scope-mappings", { params: { path: { botId } } })),
  });

export const dataAppsQuery = queryOptions({
  queryKey: ["apps", "data"],
  queryFn: () => take(api.GET("/apps", { params: { query: { kind: "data" } } })),
});

export const appQuery = (clientId: string) =>
  queryOptions({
    queryKey: ["apps", "one", clientId],
    queryFn: () => take(api.GET("/apps/{clientId}", { params: { path: { clientId } } })),
  });

export const dataGrantsQuery = (clientId: string) =>
  queryOptions({
    queryKey: ["data-grants", clientId],
    queryFn: () => take(api.GET("/apps/{clientId}/data-grants", { params: { path: { clientId } } })),
  });

export const adminAppsQuery = queryOptions({
  queryKey: ["apps", "admin"],
  queryFn: () => take(api.GET("/apps", { params: { query: { kind: "admin" } } })),
});

export const adminScopesQuery = queryOptions({
  queryKey: ["scopes", "admin"],
  staleTime: Infinity,
  queryFn: () => take(api.GET("/scopes", { params: { query: { side: "admin" } } })),
});

export const adminMappingsQuery = queryOptions({
  queryKey: ["admin-mappings"],
  queryFn: () => take(api.GET("/account/scope-mappings")),
});

export const factorsQuery = queryOptions({
  queryKey: ["factors"],
  queryFn: () => take(api.GET("/session/factors")),
});

export const passkeysQuery = queryOptions({
  queryKey: ["passkeys"],
  queryFn: () => take(api.GET("/session/passkeys")),
});

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: () => take(api.GET("/sessions")),
});

export const keysQuery = queryOptions({
  queryKey: ["keys"],
  queryFn: () => take(api.GET("/keys")),
});

export const securityQuery = queryOptions({
  queryKey: ["security"],
  queryFn: () => take(api.GET("/settings/security")),
});

/** What the audit page shows; days are those of the person's own zone. */
export interface AuditSearch {
  actor?: string;
  action?: string;
  target?: string;
  botId?: string;
  from?: string;
  to?: string;
  cursor?: string;
}

/** A day's first moment, or with `next` that of the day after it. */
function moment(day: string, next: boolean): string {
  const date = new Date(`${day}T00:00:00`);
  if (next) date.setDate(date.getDate() + 1);
  return Number.isNaN(date.getTime()) ? day : date.toISOString();
}

/** The same as the server reads it. */
export function auditText(search: AuditSearch): URLSearchParams {
  const given = Object.entries(search).filter(([, value]) => value) as [string, string][];
  return new URLSearchParams(
    given.map(([name, value]) =>
      name === "from" || name === "to" ? [name, moment(value, name === "to")] : [name, value],
    ),
  );
}

export const auditQuery = (search: AuditSearch) =>
  queryOptions({
    queryKey: ["audit", search],
    staleTime: 0,
    queryFn: async () => {
      const query = Object.fromEntries(auditText(search));
      return (await take(api.GET("/audit", { params: { query } }))) as unknown as AuditPage;
    },
  });
