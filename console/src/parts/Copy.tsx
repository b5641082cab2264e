import { ActionIcon, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { t } from "../strings";
import { announce } from "./Live";

/** Puts text on the clipboard, also where the page is not a secure context. */
export async function toClipboard(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("readonly", "");
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

interface Props {
  /** The text, or how to get it (a secret asks the server first). */
  value: string | (() => Promise<string | undefined>);
  /** What is copied: part of the button's name. */
  name: string;
}

export function Copy({ value, name }: Props) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = window.setTimeout(() => setCopied(false), 2_000);
    return () => window.clearTimeout(timer);
  }, [copied]);
  const act = async () => {
    const text = typeof value === "string" ? value : await value();
    if (text === undefined) return;
    await toClipboard(text);
    setCopied(true);
    announce(t("common.copied"));
  };
  const label = t("common.copyNamed", { name });
  return (
    <Tooltip label={copied ? t("common.copied") : label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        c="dimmed"
        aria-label={label}
        onClick={() => void act()}
      >
        {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}
