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

/** The same, not joined: what stays are parts of the body's own memory. */
export function splicePieces(body: Buffer, edits: readonly Edit[], removed: readonly ValueSpan[] = []): WholeBody {
  const all = removed.length === 0 ? edits : [...edits, ...removals(body, removed)];
  if (all.length === 0) return body;
  const pieces: Buffer[] = [];
  let at = 0;
  // What is inserted where something is replaced comes first.
  for (const { start, end, text } of all.toSorted((left, right) => left.start - right.start || left.end - right.end)) {
    pieces.push(body.subarray(at, start));
    if (text !== "") pieces.push(Buffer.from(text));
    at = end;
  }
  pieces.push(body.subarray(at));
  return pieces;
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
