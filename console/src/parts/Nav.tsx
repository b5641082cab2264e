import {
  IconChevronRight,
  IconHome,
  IconMessageCircle,
  IconRocket,
  IconSettings,
  IconSitemap,
  type Icon,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useRouterState } from "@tanstack/react-router";
import { useState } from "react";
import { agentQuery } from "../api/queries";
import { t } from "../strings";

interface Entry {
  label: string;
  path: string;
  /** What its pages have in common, when that is not `path`. */
  under?: string;
  /** Another page that it stands for. */
  also?: string;
}
interface Part {
  caption: string;
  entries: Entry[];
}
interface GroupOf {
  id: string;
  label: string;
  icon: Icon;
  parts: Part[];
}

/** The documented groups in their order; pages that do not exist yet are absent. */
export const groups: GroupOf[] = [
  {
    id: "flows",
    label: t("nav.flows"),
    icon: IconSitemap,
    parts: [{ caption: "", entries: [{ label: t("links.title"), path: "/linked-apps" }] }],
  },
  {
    id: "automation",
    label: t("nav.automation"),
    icon: IconMessageCircle,
    parts: [
      {
        caption: t("nav.language"),
        entries: [
          { label: t("train.title"), path: "/training/intents" },
          { label: t("synonyms.title"), path: "/training/synonyms" },
          { label: t("traits.title"), path: "/training/traits" },
          { label: t("faqs.title"), path: "/faqs" },
          { label: t("status.title"), path: "/training/status" },
          { label: t("nlu.title"), path: "/training/config" },
        ],
      },
      {
        caption: t("nav.testing"),
        entries: [
          { label: t("nav.utterance"), path: "/testing/utterance" },
          {
            label: t("batch.heading"),
            path: "/testing/batch",
            also: "/testing/conversation",
          },
        ],
      },
    ],
  },
  {
    id: "deploy",
    label: t("nav.deploy"),
    icon: IconRocket,
    parts: [
      {
        caption: "",
        entries: [
          { label: t("nav.publish"), path: "/deploy/publish" },
          { label: t("versions.title"), path: "/deploy/versions" },
          { label: t("moving.import"), path: "/deploy/import" },
          { label: t("moving.export"), path: "/deploy/export" },
        ],
      },
    ],
  },
  {
    id: "settings",
    label: t("nav.settings"),
    icon: IconSettings,
    parts: [
      {
        caption: "",
        entries: [
          { label: t("variables.title"), path: "/settings/variables/env", under: "/settings/variables" },
          { label: t("languages.title"), path: "/settings/languages" },
          { label: t("changes.title"), path: "/settings/change-logs" },
        ],
      },
      {
        caption: t("nav.devTools"),
        entries: [
          { label: t("nav.sdk"), path: "/settings/dev-tools/web-mobile-sdk" },
          { label: t("nav.apiScope"), path: "/settings/dev-tools/api-scope" },
        ],
      },
    ],
  },
];

const STORED = "ombud.nav.open";

function remembered(): string | null {
  try {
    return sessionStorage.getItem(STORED);
  } catch {
    return null;
  }
}

function remember(id: string): void {
  try {
    sessionStorage.setItem(STORED, id);
  } catch {
    // Storage is switched off: the group is simply not remembered.
  }
}

export function Nav({ botId }: { botId: string }) {
  const { data: agent, isError: unknown } = useQuery(agentQuery(botId));
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const base = `/builder/${botId}`;
  const under = (path: string) => pathname.startsWith(base + path);
  const isAt = (e: Entry) => under(e.under ?? e.path) || (e.also !== undefined && under(e.also));
  const current = groups.find((g) => g.parts.some((p) => p.entries.some(isAt)));
  const [open, setOpen] = useState(() => current?.id ?? remembered() ?? "");
  const toggle = (id: string) => {
    const next = open === id ? "" : id;
    setOpen(next);
    remember(next);
  };
  const atSummary = pathname.replace(/\/$/, "") === base;
  return (
    <nav className="side" aria-label={t("shell.navigation")}>
      <div className="side-agent">{agent?.name ?? " "}</div>
      <ul hidden={unknown}>
        <li>
          <Link
            className="side-link"
            to={base}
            activeOptions={{ exact: true }}
            aria-current={atSummary ? "page" : undefined}
          >
            <IconHome size={18} aria-hidden />
            {t("nav.summary")}
          </Link>
        </li>
        {groups.map(({ id, label, icon: GroupIcon, parts }) => (
          <li key={id}>
            <button
              type="button"
              className="side-group"
              aria-expanded={open === id}
              aria-controls={`nav-${id}`}
              onClick={() => toggle(id)}
            >
              <GroupIcon size={18} aria-hidden />
              {label}
              <IconChevronRight size={16} className="turn" aria-hidden />
            </button>
            <ul id={`nav-${id}`} hidden={open !== id}>
              {parts.map((part) => (
                <li key={part.caption}>
                  {part.caption && <div className="side-sub">{part.caption}</div>}
                  <ul>
                    {part.entries.map((entry) => (
                      <li key={entry.path}>
                        <Link
                          className="side-link"
                          to={base + entry.path}
                          aria-current={isAt(entry) ? "page" : undefined}
                        >
                          {entry.label}
                        </Link>
                      </li>
                    ))}
                  </ul>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </nav>
  );
}
