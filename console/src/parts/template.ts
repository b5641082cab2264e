/** A button of a template: says something for the person, or opens an address. */
export interface Action {
  title: string;
  say?: string;
  href?: string;
}

/** What of a template is shown. Everything else in it is left out. */
export interface Template {
  kind: string;
  text: string;
  actions: Action[];
  cards: { title: string; subtitle: string; actions: Action[] }[];
  /** The raw content, when the kind is not one that we know. */
  raw?: string;
}

type Dict = Record<string, unknown>;

const isDict = (value: unknown): value is Dict =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const dicts = (value: unknown): Dict[] => (Array.isArray(value) ? value.filter(isDict) : []);
const word = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";

/** An address that may be opened: http and https only. */
export function safeLink(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  try {
    const url = new URL(value);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : undefined;
  } catch {
    return undefined;
  }
}

function action(item: Dict): Action | undefined {
  const title = word(item.title) || word(item.text);
  if (!title) return undefined;
  const href = safeLink(item.url);
  if (href) return { title, href };
  return { title, say: word(item.payload) || word(item.value) || title };
}

const actions = (...lists: unknown[]): Action[] =>
  lists.flatMap(dicts).map(action).filter((found): found is Action => found !== undefined);

function decode(payload: unknown): unknown {
  if (typeof payload !== "string") return payload;
  try {
    return JSON.parse(payload);
  } catch {
    return payload;
  }
}

/** Reads a template message; unknown shapes come back as raw text, never as mark-up. */
export function readTemplate(payload: unknown): Template {
  let value = decode(payload);
  for (let depth = 0; depth < 3 && isDict(value) && value.payload && !value.template_type; depth++) {
    value = decode(value.payload);
  }
  if (!isDict(value)) return { kind: "", text: word(value), actions: [], cards: [] };
  const template: Template = {
    kind: word(value.template_type) || word(value.type),
    text: word(value.text) || word(value.heading) || word(value.title),
    actions: actions(value.buttons, value.quick_replies),
    cards: dicts(value.elements).map((element) => ({
      title: word(element.title),
      subtitle: word(element.subtitle) || word(element.value),
      actions: actions(element.buttons, isDict(element.default_action) ? [element.default_action] : []),
    })),
  };
  if (!template.text && template.actions.length + template.cards.length === 0) {
    template.raw = JSON.stringify(value, null, 2).slice(0, 4000);
  }
  return template;
}
