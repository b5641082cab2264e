import { t } from "../strings";

const exact = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "short",
});

function parse(value: string | number): Date {
  return new Date(typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value);
}

/** A moment in the person's own zone. */
export function when(value: string | number | null | undefined): string {
  if (value === null || value === undefined || value === "") return t("common.never");
  const date = parse(value);
  return Number.isNaN(date.getTime()) ? t("common.never") : exact.format(date);
}

/** The name of the person's zone. */
export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
