// Puts new bytes in the place of spans of a body. What is not replaced stays as the client wrote it.
import { joinBody, type WholeBody } from "../../body/whole-body.ts";
import type { ValueSpan } from "./call-scan.ts";

/** A replacement; `start === end` inserts. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A body with replacements that do not overlap, and without some members. At least one member stays. */
export function spliceBody(body: Buffer, edits: readonly Edit[], removed: readonly ValueSpan[] = []): Buffer {
  return joinBody(splicePieces(body, edits, removed));
}

/** Up to here a body is written anew in one piece: a few kilobytes are copied faster than its parts are made. */
const SHORT_BYTES = 8 * 1024;

/** The same; of a long body what stays are parts of its own memory, which are not joined. */
export function splicePieces(body: Buffer, edits: readonly Edit[], removed: readonly ValueSpan[] = []): WholeBody {
  const all = removed.length === 0 ? edits : [...edits, ...removals(body, removed)];
  if (all.length === 0) return body;
  const ordered = inOrder(all);
  if (body.length <= SHORT_BYTES) return rewrite(body, ordered);
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { start, end, text } of ordered) {
    pieces.push(body.subarray(at, start));
    if (text !== "") pieces.push(Buffer.from(text));
    at = end;
  }
  pieces.push(body.subarray(at));
  return pieces;
}

/** They are few: each is put in its place, which takes no memory as sorting does. What is inserted where something is replaced comes first. */
function inOrder(edits: readonly Edit[]): readonly Edit[] {
  const ordered = [...edits];
  for (let index = 1; index < edits.length; index += 1) {
    const edit = edits[index] as Edit;
    let at = index;
    for (; at > 0 && isBefore(edit, ordered[at - 1] as Edit); at -= 1) ordered[at] = ordered[at - 1] as Edit;
    ordered[at] = edit;
  }
  return ordered;
}

function isBefore(one: Edit, other: Edit): boolean {
  return one.start === other.start ? one.end < other.end : one.start < other.start;
}

function rewrite(body: Buffer, edits: readonly Edit[]): Buffer {
  let { length } = body;
  for (const { start, end, text } of edits) length += Buffer.byteLength(text) - (end - start);
  const written = Buffer.allocUnsafe(length);
  let from = 0;
  let at = 0;
  for (const { start, end, text } of edits) {
    at += body.copy(written, at, from, start);
    if (text !== "") at += written.write(text, at);
    from = end;
  }
  body.copy(written, at, from);
  return written;
}

/** Replaces the value of a member. */
export function replaceValue({ start, end }: ValueSpan, text: string): Edit {
  return { start, end, text };
}

/** Puts a member before all others; the object has at least one. */
export function insertMember(insertAt: number, key: string, value: string): Edit {
  return { start: insertAt, end: insertAt, text: `${JSON.stringify(key)}:${value},` };
}

/** Neighbours are taken away as one, so that the comma between them is counted once. */
function removals(body: Buffer, spans: readonly ValueSpan[]): Edit[] {
  const groups: { keyStart: number; end: number }[] = [];
  for (const { keyStart, end } of spans.toSorted((left, right) => left.keyStart - right.keyStart)) {
    const last = groups.at(-1);
    if (last && /^\s*,\s*$/.test(body.toString("latin1", last.end, keyStart))) last.end = end;
    else groups.push({ keyStart, end });
  }
  return groups.map((group) => removal(body, group.keyStart, group.end));
}

/** With the comma behind it, or before it when it is the last. */
function removal(body: Buffer, keyStart: number, end: number): Edit {
  const behind = skipSpace(body, end, 1);
  if (body[behind] === 0x2c) return { start: keyStart, end: behind + 1, text: "" };
  const before = skipSpace(body, keyStart - 1, -1);
  return { start: body[before] === 0x2c ? before : keyStart, end, text: "" };
}

function skipSpace(body: Buffer, from: number, step: 1 | -1): number {
  let at = from;
  while (body[at] === 0x20 || body[at] === 0x0a || body[at] === 0x0d || body[at] === 0x09) at += step;
  return at;
}
