import { Alert } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sessionQuery } from "../api/queries";
import { t } from "../strings";

/** What a role may do, as the server names it. */
export type Permission = "view" | "agents" | "publish" | "test" | "apps" | "secrets" | "account" | "audit";

/** Whether the person has a permission. */
export function useMay(permission: Permission): boolean {
  const { data } = useQuery(sessionQuery);
  return data?.permissions.includes(permission) ?? false;
}

/** Shows a page's content to those who may see it, and to others what they lack. */
export function Need({ permission, children }: { permission: Permission; children: ReactNode }) {
  if (useMay(permission)) return <>{children}</>;
  return (
    <Alert
      color="gray"
      icon={<IconLock aria-hidden />}
      title={t("common.lacking", { permission })}
    >
      {t("common.forbidden")}
    </Alert>
  );
}
