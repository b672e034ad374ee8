// Reads the few values that a call's scan tells, out of their spans.
import { JsonFault, QUOTE } from "../openai/json-cursor.ts";
import { readStream } from "../openai/scan-routing-keys.ts";
import type { ValueSpan } from "./call-scan.ts";
import type { MemberSpans } from "./member-scan.ts";

/** The members of one body by slot. */
export interface SpanReader {
  /** Also when it is null, which is replaced and not put beside. */
  member(slot: number): ValueSpan | undefined;
  /** undefined when it is absent or null. */
  span(slot: number): ValueSpan | undefined;
  /** The JSON text of the value; undefined when it is absent or null. */
  text(slot: number): string | undefined;
  /** undefined when it is absent, null or no number. */
  number(slot: number): number | undefined;
  /** Absent, null, false, 0, "", [] and {} are not there. */
  isFilled(slot: number): boolean;
}

/** Creates it for one scan. */
export function createSpanReader(body: Buffer, { offsets }: MemberSpans): SpanReader {
  const member = (slot: number): ValueSpan | undefined => {
    const start = offsets[slot * 3 + 1] ?? 0;
    if (start === 0) return undefined;
    return { keyStart: offsets[slot * 3] ?? 0, start, end: offsets[slot * 3 + 2] ?? 0 };
  };
  const span = (slot: number): ValueSpan | undefined => {
    const found = member(slot);
    // No other value of JSON begins with n.
    return found && body[found.start] !== 0x6e ? found : undefined;
  };
  const text = (slot: number): string | undefined => {
    const found = span(slot);
    return found && body.toString("utf8", found.start, found.end);
  };
  return {
    member,
    span,
    text,
    number(slot) {
      const value = Number(text(slot) ?? "x");
      return Number.isNaN(value) ? undefined : value;
    },
    isFilled(slot) {
      const found = span(slot);
      if (!found) return false;
      if (found.end - found.start > 16) return true;
      return !/^(?:false|0|""|\[\s*\]|\{\s*\})$/.test(body.toString("latin1", found.start, found.end));
    },
  };
}

/** The model's name and span. Throws a `JsonFault` when it is missing or no string. */
export function readModel(body: Buffer, { offsets }: MemberSpans, slot: number): { model: string; span: ValueSpan } {
  const keyStart = offsets[slot * 3] ?? 0;
  const start = offsets[slot * 3 + 1] ?? 0;
  const end = offsets[slot * 3 + 2] ?? 0;
  if (start === 0) throw new JsonFault("`model` is missing");
  if (body[start] !== QUOTE) throw new JsonFault("`model` is no string");
  return { model: JSON.parse(body.toString("utf8", start, end)) as string, span: { keyStart, start, end } };
}

/** Whether the call is streamed. */
export function readIsStream(body: Buffer, { offsets }: MemberSpans, slot: number): boolean {
  const start = offsets[slot * 3 + 1] ?? 0;
  return start > 0 && readStream(body, start, offsets[slot * 3 + 2] ?? 0);
}
