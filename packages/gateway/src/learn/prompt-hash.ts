// Tells calls apart by their system prompt: what an application tells its model to be says much of how long the answers are. Only the beginning
// is read, because it is enough and because this runs for every call.
import type { ValueSpan } from "../dialects/pass-through/call-scan.ts";

/** Bytes that are read. */
const MOST_BYTES = 256;
const OPEN_BRACKET = 0x5b;
/** Ends a message, or a part of one; what stands behind it may be the user's. */
const END = '"}';

/** What of a call's scan names the system prompt. */
export interface PromptSpans {
  /** The member that holds nothing else (Anthropic's `system`, `instructions` of responses). */
  readonly system: ValueSpan | undefined;
  /** The list of messages, whose first may be one. */
  readonly messages: ValueSpan | undefined;
}

/** A hash of 32 bits; 0 for none. About a microsecond. */
export function promptHash(body: Buffer, { system, messages }: PromptSpans): number {
  if (system !== undefined) return hashBytes(body, system.start, Math.min(system.end, system.start + MOST_BYTES));
  if (messages === undefined || body[messages.start] !== OPEN_BRACKET) return 0;
  const start = messages.start + 1;
  const limit = Math.min(messages.end, start + MOST_BYTES);
  const beginning = body.toString("latin1", start, limit);
  const end = beginning.indexOf(END);
  const first = end < 0 ? beginning : beginning.slice(0, end);
  return first.includes('"system"') || first.includes('"developer"') ? hashBytes(body, start, start + first.length) : 0;
}

/** FNV-1a in words of four bytes, for speed; never 0. */
function hashBytes(body: Buffer, start: number, end: number): number {
  let hash = 0x811c_9dc5 ^ (end - start);
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(hash ^ body.readInt32LE(at), 0x0100_0193);
    hash ^= hash >>> 15;
  }
  for (; at < end; at += 1) hash = Math.imul(hash ^ (body[at] as number), 0x0100_0193);
  return hash >>> 0 || 1;
}
