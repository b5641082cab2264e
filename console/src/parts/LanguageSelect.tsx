import { Select } from "@mantine/core";
import { t } from "../strings";

const names = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });

/** A language code with its English name. */
export function languageName(code: string): string {
  try {
    return names.of(code.replace("_", "-")) ?? code;
  } catch {
    return code;
  }
}

interface Props {
  languages: string[];
  value: string;
  change: (language: string) => void;
}

/** Which language of the agent a page shows; nothing where it has only one. */
export function LanguageSelect({ languages, value, change }: Props) {
  if (languages.length < 2) return null;
  return (
    <Select
      label={t("train.language")}
      w={200}
      allowDeselect={false}
      data={languages.map((code) => ({ value: code, label: languageName(code) }))}
      value={value}
      onChange={(code) => code && change(code)}
    />
  );
}
