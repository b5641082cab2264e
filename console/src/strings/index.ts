import en from "./en.json";

type Leaves<T, P extends string = ""> = {
  [K in keyof T & string]: T[K] extends string ? `${P}${K}` : Leaves<T[K], `${P}${K}.`>;
}[keyof T & string];

/** The key of a text in `en.json`, for instance `signIn.title`. */
export type TextKey = Leaves<typeof en>;

/** What a text may name. */
export type Values = Record<string, string | number>;

const numbers = new Intl.NumberFormat("en");
const plurals = new Intl.PluralRules("en");

function find(key: string): string {
  let node: unknown = en;
  for (const part of key.split(".")) node = (node as Record<string, unknown> | undefined)?.[part];
  return typeof node === "string" ? node : key;
}

/** Position of the brace that closes the one at `open`. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === "{") depth++;
    if (text[i] === "}" && --depth === 0) return i;
  }
  throw new Error(`unbalanced braces: ${text}`);
}

function plural(forms: string, count: number, values: Values): string {
  const cases = new Map<string, string>();
  let at = 0;
  while (at < forms.length) {
    const open = forms.indexOf("{", at);
    if (open < 0) break;
    const end = closing(forms, open);
    cases.set(forms.slice(at, open).trim(), forms.slice(open + 1, end));
    at = end + 1;
  }
  const chosen = cases.get(`=${count}`) ?? cases.get(plurals.select(count)) ?? cases.get("other");
  return format((chosen ?? "").replaceAll("#", numbers.format(count)), values);
}

/** Fills a text: `{name}`, and the ICU form `{count, plural, one {…} other {…}}`. */
export function format(text: string, values: Values): string {
  let out = "";
  let at = 0;
  for (;;) {
    const open = text.indexOf("{", at);
    if (open < 0) return out + text.slice(at);
    const end = closing(text, open);
    const [name = "", kind, ...rest] = text.slice(open + 1, end).split(",");
    const value = values[name.trim()];
    out += text.slice(at, open);
    if (kind?.trim() === "plural") out += plural(rest.join(","), Number(value ?? 0), values);
    else out += typeof value === "number" ? numbers.format(value) : (value ?? "");
    at = end + 1;
  }
}

/** The text with this key, filled. */
export function t(key: TextKey, values: Values = {}): string {
  return format(find(key), values);
}

/** A text whose key is put together at run time, or `fallback` when there is none. */
export function tOr(key: string, fallback: string): string {
  const found = find(key);
  return found === key ? fallback : found;
}
