/**
 * The console's part of the API. The types are generated from the API document (`npm run api`), so a call that the document
 * does not know does not compile.
 */
import type { components, paths as all } from "./schema";

type Schemas = components["schemas"];

export type Problem = Schemas["Problem"];
export type Session = Schemas["ConsoleSession"];
export type Agent = Schemas["ConsoleAgent"];
export type ImportReport = Schemas["ConsoleReport"];
export type App = Schemas["ConsoleApp"];
export type DataGrant = Schemas["ConsoleDataGrant"];
export type Scope = Schemas["ConsoleScope"];
export type Mapping = Schemas["ConsoleMapping"];
export type ChatAnswer = Schemas["ConsoleChatOut"];
export type ChatMessage = Schemas["ConsoleChatMessage"];
export type Detection = Schemas["ConsoleDetection"];

export type Job = Schemas["ConsoleJob"];

export type AdminMapping = Schemas["ConsoleAdminScopes"];
export type PlatformKey = Schemas["ConsoleKey"];
export type SecurityRules = Schemas["ConsoleSecurity"];

/** One row of the audit log; the document leaves its shape open. */
export interface AuditRow {
  number: number;
  at: string;
  actor: string;
  actorName?: string | null;
  action: string;
  target?: string | null;
  botId?: string | null;
  address?: string | null;
  before?: string | null;
  after?: string | null;
  details?: Record<string, unknown> | null;
}

export interface AuditPage {
  items: AuditRow[];
  next?: string | null;
}

/** Everything below `/api/console/v1`, by the rest of its path. */
export type paths = {
  [P in keyof all as P extends `/api/console/v1${infer Rest}` ? Rest : never]: all[P];
};
