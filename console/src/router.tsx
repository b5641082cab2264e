import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { keepToken, whenSignedOut } from "./api/client";
import { client, sessionQuery, setupNeeded, type AuditSearch } from "./api/queries";
import { LoadFailed, NotFound } from "./parts/Failure";
import { Live } from "./parts/Live";

type Search = Record<string, unknown>;
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** A path of this console to come back to; anything else is dropped. */
export function safePath(value: unknown): string | undefined {
  const path = text(value);
  return path && /^\/(?![/\\])[^\\\s]*$/.test(path) ? path : undefined;
}

const root = createRootRoute({
  component: () => (
    <>
      <Live />
      <Outlet />
    </>
  ),
  notFoundComponent: NotFound,
  errorComponent: LoadFailed,
});

const start = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/builder", replace: true });
  },
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  beforeLoad: async () => {
    if (!(await setupNeeded())) throw redirect({ to: "/builder", replace: true });
  },
  component: lazyRouteComponent(() => import("./pages/Setup"), "Setup"),
});

const token = createRoute({
  getParentRoute: () => root,
  path: "/tools/jwt",
  validateSearch: (search: Search): { appId?: string } =>
    text(search.appId) ? { appId: text(search.appId) } : {},
  component: lazyRouteComponent(() => import("./pages/Token"), "Token"),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Search): { next?: string } => {
    const next = safePath(search.next);
    return next ? { next } : {};
  },
  beforeLoad: async ({ search }) => {
    const session = await client.ensureQueryData(sessionQuery);
    if (session && !session.user.mustChangePassword) {
      throw redirect({ to: search.next ?? "/builder", replace: true });
    }
    if (!session && (await setupNeeded())) throw redirect({ to: "/setup", replace: true });
  },
  component: lazyRouteComponent(() => import("./pages/SignIn"), "SignIn"),
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  beforeLoad: async ({ location }) => {
    const session = await client.ensureQueryData(sessionQuery);
    if (!session || session.user.mustChangePassword) {
      const next = location.href === "/builder" ? undefined : location.href;
      throw redirect({ to: "/sign-in", search: next ? { next } : {}, replace: true });
    }
  },
  component: lazyRouteComponent(() => import("./parts/Shell"), "Shell"),
});

const agents = createRoute({
  getParentRoute: () => signedIn,
  path: "/builder",
  validateSearch: (search: Search): { q?: string; dialog?: "import" } => ({
    ...(text(search.q) ? { q: text(search.q) } : {}),
    ...(search.dialog === "import" ? { dialog: "import" as const } : {}),
  }),
  component: lazyRouteComponent(() => import("./pages/Agents"), "Agents"),
});

const dataApps = createRoute({
  getParentRoute: () => signedIn,
  path: "/builder/data/apps",
  validateSearch: (search: Search): { dialog?: "new-app" } =>
    search.dialog === "new-app" ? { dialog: "new-app" } : {},
  component: lazyRouteComponent(() => import("./pages/DataApps"), "DataApps"),
});

const dataApp = createRoute({
  getParentRoute: () => signedIn,
  path: "/builder/data/apps/$clientId",
  component: lazyRouteComponent(() => import("./pages/DataApp"), "DataApp"),
});

const agent = createRoute({
  getParentRoute: () => signedIn,
  path: "/builder/$botId",
  component: lazyRouteComponent(() => import("./pages/Agent"), "AgentPages"),
});

const summary = createRoute({
  getParentRoute: () => agent,
  path: "/",
  component: lazyRouteComponent(() => import("./pages/Summary"), "Summary"),
});

const publish = createRoute({
  getParentRoute: () => agent,
  path: "/deploy/publish",
  component: lazyRouteComponent(() => import("./pages/Publish"), "Publish"),
});

const sdk = createRoute({
  getParentRoute: () => agent,
  path: "/settings/dev-tools/web-mobile-sdk",
  validateSearch: (
    search: Search,
  ): { app?: string; dialog?: "create" | "manage"; back?: "scope" } => ({
    ...(text(search.app) ? { app: text(search.app) } : {}),
    ...(search.dialog === "create" || search.dialog === "manage"
      ? { dialog: search.dialog }
      : {}),
    ...(search.back === "scope" ? { back: "scope" as const } : {}),
  }),
  component: lazyRouteComponent(() => import("./pages/Sdk"), "Sdk"),
});

const scopes = createRoute({
  getParentRoute: () => agent,
  path: "/settings/dev-tools/api-scope",
  component: lazyRouteComponent(() => import("./pages/Scopes"), "Scopes"),
});

const newScope = createRoute({
  getParentRoute: () => agent,
  path: "/settings/dev-tools/api-scope/new",
  validateSearch: (search: Search): { app?: string } =>
    text(search.app) ? { app: text(search.app) } : {},
  component: lazyRouteComponent(() => import("./pages/ScopeForm"), "NewScope"),
});

const editScope = createRoute({
  getParentRoute: () => agent,
  path: "/settings/dev-tools/api-scope/$clientId",
  component: lazyRouteComponent(() => import("./pages/ScopeForm"), "EditScope"),
});

const chat = createRoute({
  getParentRoute: () => agent,
  path: "/testing/utterance",
  component: lazyRouteComponent(() => import("./pages/Chat"), "Chat"),
});

const explain = createRoute({
  getParentRoute: () => agent,
  path: "/testing/utterance/explain",
  component: lazyRouteComponent(() => import("./pages/Explain"), "Explain"),
});

const intents = createRoute({
  getParentRoute: () => agent,
  path: "/training/intents",
  validateSearch: (search: Search): { intent?: string; language?: string; tab?: "patterns" } => ({
    ...(text(search.intent) ? { intent: text(search.intent) } : {}),
    ...(text(search.language) ? { language: text(search.language) } : {}),
    ...(search.tab === "patterns" ? { tab: "patterns" as const } : {}),
  }),
  component: lazyRouteComponent(() => import("./pages/Intents"), "Intents"),
});

const synonyms = createRoute({
  getParentRoute: () => agent,
  path: "/training/synonyms",
  validateSearch: (search: Search): { language?: string; tab?: "concepts" } => ({
    ...(text(search.language) ? { language: text(search.language) } : {}),
    ...(search.tab === "concepts" ? { tab: "concepts" as const } : {}),
  }),
  component: lazyRouteComponent(() => import("./pages/Synonyms"), "Synonyms"),
});

const traits = createRoute({
  getParentRoute: () => agent,
  path: "/training/traits",
  validateSearch: (search: Search): { language?: string; type?: string } => ({
    ...(text(search.language) ? { language: text(search.language) } : {}),
    ...(search.type !== undefined ? { type: String(search.type) } : {}),
  }),
  component: lazyRouteComponent(() => import("./pages/Traits"), "Traits"),
});

const training = createRoute({
  getParentRoute: () => agent,
  path: "/training/status",
  validateSearch: (search: Search): { language?: string } =>
    text(search.language) ? { language: text(search.language) } : {},
  component: lazyRouteComponent(() => import("./pages/Training"), "Training"),
});

const nluConfig = createRoute({
  getParentRoute: () => agent,
  path: "/training/config",
  validateSearch: (search: Search): { language?: string } =>
    text(search.language) ? { language: text(search.language) } : {},
  component: lazyRouteComponent(() => import("./pages/NluConfig"), "NluConfig"),
});

const faqs = createRoute({
  getParentRoute: () => agent,
  path: "/faqs",
  validateSearch: (search: Search): { language?: string; node?: string; faq?: string } => ({
    ...(text(search.language) ? { language: text(search.language) } : {}),
    ...(text(search.node) ? { node: text(search.node) } : {}),
    ...(text(search.faq) ? { faq: text(search.faq) } : {}),
  }),
  component: lazyRouteComponent(() => import("./pages/Faqs"), "Faqs"),
});

const extraction = createRoute({
  getParentRoute: () => agent,
  path: "/faqs/extraction",
  validateSearch: (search: Search): { language?: string; extraction?: string } => ({
    ...(text(search.language) ? { language: text(search.language) } : {}),
    ...(text(search.extraction) ? { extraction: text(search.extraction) } : {}),
  }),
  component: lazyRouteComponent(() => import("./pages/Extraction"), "Extraction"),
});

const batch = createRoute({
  getParentRoute: () => agent,
  path: "/testing/batch",
  validateSearch: (search: Search): { suite?: string; run?: string; with?: string; dialog?: "new" } => ({
    ...(search.suite !== undefined ? { suite: String(search.suite) } : {}),
    ...(text(search.run) ? { run: text(search.run) } : {}),
    ...(text(search.with) ? { with: text(search.with) } : {}),
    ...(search.dialog === "new" ? { dialog: "new" as const } : {}),
  }),
  component: lazyRouteComponent(() => import("./pages/BatchTests"), "BatchTests"),
});

const conversations = createRoute({
  getParentRoute: () => agent,
  path: "/testing/conversation",
  validateSearch: (search: Search): { suite?: string; run?: string; dialog?: "new" } => ({
    ...(search.suite !== undefined ? { suite: String(search.suite) } : {}),
    ...(text(search.run) ? { run: text(search.run) } : {}),
    ...(search.dialog === "new" ? { dialog: "new" as const } : {}),
  }),
  component: lazyRouteComponent(() => import("./pages/ConversationTests"), "ConversationTests"),
});

const variables = createRoute({
  getParentRoute: () => agent,
  path: "/settings/variables/$kind",
  component: lazyRouteComponent(() => import("./pages/Variables"), "Variables"),
});

const languages = createRoute({
  getParentRoute: () => agent,
  path: "/settings/languages",
  component: lazyRouteComponent(() => import("./pages/Languages"), "Languages"),
});

const linkedApps = createRoute({
  getParentRoute: () => agent,
  path: "/linked-apps",
  component: lazyRouteComponent(() => import("./pages/LinkedApps"), "LinkedApps"),
});

const changes = createRoute({
  getParentRoute: () => agent,
  path: "/settings/change-logs",
  validateSearch: (search: Search): { page?: number; from?: string; to?: string } => ({
    ...(Number(search.page) > 0 ? { page: Math.floor(Number(search.page)) } : {}),
    ...(text(search.from) ? { from: text(search.from) } : {}),
    ...(text(search.to) ? { to: text(search.to) } : {}),
  }),
  component: lazyRouteComponent(() => import("./pages/Changes"), "Changes"),
});

const versions = createRoute({
  getParentRoute: () => agent,
  path: "/deploy/versions",
  validateSearch: (search: Search): { left?: string; right?: string } => {
    const side = (value: unknown) => (/^(draft|[1-9]\d*)$/.test(String(value)) ? String(value) : undefined);
    const [left, right] = [side(search.left), side(search.right)];
    return left && right ? { left, right } : {};
  },
  component: lazyRouteComponent(() => import("./pages/Versions"), "Versions"),
});

const importInto = createRoute({
  getParentRoute: () => agent,
  path: "/deploy/import",
  component: lazyRouteComponent(() => import("./pages/Moving"), "ImportInto"),
});

const exportPage = createRoute({
  getParentRoute: () => agent,
  path: "/deploy/export",
  component: lazyRouteComponent(() => import("./pages/Moving"), "Export"),
});

const me = createRoute({
  getParentRoute: () => signedIn,
  path: "/me",
  component: lazyRouteComponent(() => import("./pages/Me"), "Me"),
});

const admin = createRoute({
  getParentRoute: () => signedIn,
  path: "/admin",
  beforeLoad: () => {
    throw redirect({ to: "/admin/security/api-scopes", replace: true });
  },
});

const adminScopes = createRoute({
  getParentRoute: () => signedIn,
  path: "/admin/security/api-scopes",
  component: lazyRouteComponent(() => import("./pages/AdminScopes"), "AdminScopes"),
});

const dialogOf = (search: Search) =>
  search.dialog === "manage-apps" || search.dialog === "new-app" ? { dialog: search.dialog } : {};

const newAdminScope = createRoute({
  getParentRoute: () => signedIn,
  path: "/admin/security/api-scopes/new",
  validateSearch: (search: Search): { app?: string; dialog?: "manage-apps" | "new-app" } => ({
    ...(text(search.app) ? { app: text(search.app) } : {}),
    ...(dialogOf(search) as { dialog?: "manage-apps" | "new-app" }),
  }),
  component: lazyRouteComponent(() => import("./pages/AdminScopeForm"), "NewAdminScope"),
});

const editAdminScope = createRoute({
  getParentRoute: () => signedIn,
  path: "/admin/security/api-scopes/$clientId",
  component: lazyRouteComponent(() => import("./pages/AdminScopeForm"), "EditAdminScope"),
});

const security = createRoute({
  getParentRoute: () => signedIn,
  path: "/admin/security/settings",
  component: lazyRouteComponent(() => import("./pages/Security"), "Security"),
});

const keys = createRoute({
  getParentRoute: () => signedIn,
  path: "/admin/security/keys",
  component: lazyRouteComponent(() => import("./pages/Keys"), "Keys"),
});

const filters = ["actor", "action", "target", "botId", "from", "to", "cursor"] as const;

const audit = createRoute({
  getParentRoute: () => signedIn,
  path: "/admin/audit",
  validateSearch: (search: Search): AuditSearch =>
    Object.fromEntries(
      filters.flatMap((name) => (text(search[name]) ? [[name, text(search[name])]] : [])),
    ),
  component: lazyRouteComponent(() => import("./pages/Audit"), "Audit"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    start,
    setup,
    signIn,
    token,
    signedIn.addChildren([
      agents,
      dataApps,
      dataApp,
      me,
      admin,
      adminScopes,
      newAdminScope,
      editAdminScope,
      security,
      keys,
      audit,
      agent.addChildren([
        summary,
        publish,
        sdk,
        scopes,
        newScope,
        editScope,
        chat,
        explain,
        intents,
        synonyms,
        traits,
        linkedApps,
        training,
        nluConfig,
        faqs,
        extraction,
        batch,
        conversations,
        variables,
        languages,
        changes,
        versions,
        importInto,
        exportPage,
      ]),
    ]),
  ]),
  defaultPreload: false,
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: LoadFailed,
});

whenSignedOut(() => {
  keepToken(null);
  client.clear();
  client.setQueryData(sessionQuery.queryKey, null);
  const { pathname, href } = router.state.location;
  if (pathname !== "/sign-in") {
    void router.navigate({ to: "/sign-in", search: { next: href }, replace: true });
  }
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
