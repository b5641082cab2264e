import { Link, useRouterState } from "@tanstack/react-router";
import { t } from "../strings";

const tabs = [
  { label: t("dataApps.tabAgents"), to: "/builder" },
  { label: t("dataApps.tabData"), to: "/builder/data/apps" },
] as const;

/** The two halves of the landing page. */
export function DataNav() {
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const inData = pathname.startsWith("/builder/data");
  return (
    <nav aria-label={t("dataApps.halves")} className="halves">
      {tabs.map(({ label, to }) => (
        <Link key={to} to={to} aria-current={(to !== "/builder") === inData ? "page" : undefined}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
