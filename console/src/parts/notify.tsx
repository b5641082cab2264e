import { notifications } from "@mantine/notifications";
import { IconAlertCircle, IconCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { t } from "../strings";
import { words } from "./Failure";

/** Says that something worked; results of a deletion stay until closed. */
export function succeeded(message: ReactNode, stays = false): void {
  notifications.show({
    message,
    color: "teal",
    icon: <IconCheck size={18} aria-hidden />,
    autoClose: stays ? false : 6_000,
    role: "status",
    closeButtonProps: { "aria-label": t("common.close") },
  });
}

export function failed(error: unknown): void {
  notifications.show({
    title: t("common.failed"),
    message: words(error),
    color: "red",
    icon: <IconAlertCircle size={18} aria-hidden />,
    autoClose: false,
    role: "alert",
    closeButtonProps: { "aria-label": t("common.close") },
  });
}
