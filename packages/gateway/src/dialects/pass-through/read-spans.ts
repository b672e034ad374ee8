// Reads the few values that a call's scan tells, out of their spans. Plain functions: they run for every call.
import { JsonFault, QUOTE } from "../json-cursor.ts";
import type { ValueSpan } from "./call-scan.ts";

/** No other value of JSON begins with n. */
const NULL_BYTE = 0x6e;

/** The member, also when it is null, which is replaced and not put beside; undefined when it is absent. */
export function memberAt(offsets: Int32Array, slot: number): ValueSpan | undefined {
  const start = offsets[slot * 3 + 1] ?? 0;
  return start === 0 ? undefined : { keyStart: offsets[slot * 3] ?? 0, start, end: offsets[slot * 3 + 2] ?? 0 };
}

/** The value; undefined when it is absent or null. */
export function valueAt(body: Buffer, offsets: Int32Array, slot: number): ValueSpan | undefined {
  return hasValueAt(body, offsets, slot) ? memberAt(offsets, slot) : undefined;
}

/** Whether it is there and not null. */
export function hasValueAt(body: Buffer, offsets: Int32Array, slot: number): boolean {
  const start = offsets[slot * 3 + 1] ?? 0;
  return start !== 0 && body[start] !== NULL_BYTE;
}

/** The JSON text of the value; undefined when it is absent or null. */
export function textAt(body: Buffer, offsets: Int32Array, slot: number): string | undefined {
  if (!hasValueAt(body, offsets, slot)) return undefined;
  return body.toString("utf8", offsets[slot * 3 + 1], offsets[slot * 3 + 2]);
}

/** The number; undefined when it is absent, null or none. */
export function numberAt(body: Buffer, offsets: Int32Array, slot: number): number | undefined {
  const text = textAt(body, offsets, slot);
  if (text === undefined) return undefined;
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}

/** Absent, null, false, 0, "", [] and {} are not there. */
export function isFilledAt(body: Buffer, offsets: Int32Array, slot: number): boolean {
  if (!hasValueAt(body, offsets, slot)) return false;
  const start = offsets[slot * 3 + 1] ?? 0;
  const end = offsets[slot * 3 + 2] ?? 0;
  return end - start > 16 || !/^(?:false|0|""|\[\s*\]|\{\s*\})$/.test(body.toString("latin1", start, end));
}

/** Whether any of the members says something. */
export function isAnyFilled(body: Buffer, offsets: Int32Array, slots: readonly number[]): boolean {
  for (const slot of slots) if (isFilledAt(body, offsets, slot)) return true;
  return false;
}

/** No model has a longer name, and no call has longer options of its stream. */
export const MOST_OPTION_BYTES = 4_096;

/** The span of the model's name. Throws a `JsonFault` when it is missing, no string or absurdly long. */
export function modelAt(body: Buffer, offsets: Int32Array, slot: number): ValueSpan {
  const span = memberAt(offsets, slot);
  if (!span) throw new JsonFault("`model` is missing");
  if (body[span.start] !== QUOTE) throw new JsonFault("`model` is no string");
  if (span.end - span.start > MOST_OPTION_BYTES)
    throw new JsonFault(`\`model\` is longer than ${MOST_OPTION_BYTES} bytes`);
  return span;
}

/** The value of `stream`; null counts as false. */
export function readStream(body: Buffer, start: number, end: number): boolean {
  const text = body.toString("latin1", start, end);
  if (text === "true") return true;
  if (text === "false" || text === "null") return false;
  throw new JsonFault("`stream` is neither true nor false");
}
