import type { Tag } from "../api/train";

/** A piece of an utterance; with `entity` it is the value of one. */
export interface Piece {
  text: string;
  entity?: string;
}

/** An utterance in pieces, tagged and plain. Tags that do not fit are left out. */
export function pieces(text: string, tags: Tag[]): Piece[] {
  const out: Piece[] = [];
  let at = 0;
  for (const tag of [...tags].sort((a, b) => a.start - b.start)) {
    if (tag.start < at || tag.end > text.length || tag.start >= tag.end) continue;
    if (tag.start > at) out.push({ text: text.slice(at, tag.start) });
    out.push({ text: text.slice(tag.start, tag.end), entity: tag.entity });
    at = tag.end;
  }
  if (at < text.length) out.push({ text: text.slice(at) });
  return out;
}

/** The tags after a change of the text: those behind it move along, those that it touches go. */
export function moved(tags: Tag[], before: string, after: string): Tag[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail++;
  }
  const end = before.length - tail;
  const shift = after.length - before.length;
  return tags.flatMap((tag) => {
    if (tag.end <= head) return [tag];
    if (tag.start >= end) return [{ ...tag, start: tag.start + shift, end: tag.end + shift }];
    return [];
  });
}

/** The chosen words without the white space around them; nothing when there are none, or when they overlap a tag. */
export function chosen(text: string, from: number, to: number, tags: Tag[]): [number, number] | undefined {
  let start = from;
  let end = to;
  while (start < end && /\s/.test(text[start] ?? "")) start++;
  while (end > start && /\s/.test(text[end - 1] ?? "")) end--;
  if (start >= end || tags.some((tag) => start < tag.end && tag.start < end)) return undefined;
  return [start, end];
}
