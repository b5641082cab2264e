import { IconArrowLeft, IconListDetails, IconShieldLock } from "@tabler/icons-react";
import { Link, useRouterState } from "@tanstack/react-router";
import { t } from "../strings";

const parts = [
  {
    caption: t("admin.security"),
    icon: IconShieldLock,
    entries: [
      { label: t("admin.apiScopes"), path: "/admin/security/api-scopes" },
      { label: t("admin.settings"), path: "/admin/security/settings" },
      { label: t("admin.keys"), path: "/admin/security/keys" },
    ],
  },
  {
    caption: t("admin.auditLogs"),
    icon: IconListDetails,
    entries: [{ label: t("admin.auditReport"), path: "/admin/audit" }],
  },
];

/** Navigation of the admin console. */
export function AdminNav() {
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  return (
    <nav className="side" aria-label={t("shell.navigation")}>
      <div className="side-agent">{t("admin.title")}</div>
      <ul>
        {parts.map(({ caption, icon: PartIcon, entries }) => (
          <li key={caption}>
            <div className="side-caption">
              <PartIcon size={18} aria-hidden />
              {caption}
            </div>
            <ul>
              {entries.map(({ label, path }) => (
                <li key={path}>
                  <Link
                    className="side-link"
                    to={path}
                    aria-current={pathname.startsWith(path) ? "page" : undefined}
                  >
                    {label}
                  </Link>
                </li>
              ))}
            </ul>
          </li>
        ))}
        <li>
          <Link className="side-link" to="/builder">
            <IconArrowLeft size={18} aria-hidden />
            {t("admin.back")}
          </Link>
        </li>
      </ul>
    </nav>
  );
}
