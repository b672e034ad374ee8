// Finds members of the top level of a JSON object in its bytes, in one pass and without building a value. Anything that a parser behind
// us could read differently (a watched key twice, or written with escapes) is refused; the rest of the text only has to be JSON. The
// offsets stand in one typed array, so a scan costs three allocations whatever the size of the body.
import {
  CLOSE_BRACE,
  COLON,
  COMMA,
  cursorAt,
  JsonFault,
  OPEN_BRACE,
  QUOTE,
  refuse,
  skipSpace,
  skipString,
  skipValue,
  type JsonCursor,
} from "../json-cursor.ts";

/** Keys to watch for. Made once per dialect. */
export interface KeyTable {
  readonly names: readonly string[];
  /** Slots and bytes of the keys by their length. */
  readonly byLength: readonly (readonly WatchedKey[] | undefined)[];
  /** Slot by name, for keys that are written with escapes. */
  readonly slots: ReadonlyMap<string, number>;
}

interface WatchedKey {
  readonly slot: number;
  readonly bytes: Buffer;
}

/** What was found. */
export interface MemberSpans {
  /** For slot s: keyStart at 3s, start of the value at 3s + 1, its end at 3s + 2; 0, 0, 0 when absent. */
  readonly offsets: Int32Array;
  /** Behind the opening brace: where a member can be put before all others. */
  readonly insertAt: number;
  /** Below the top level stands a word that parts of a prompt which are no text are told by: `readPromptMedia` knows more. */
  readonly mayHoldMedia: boolean;
  /** Of a text that was scanned in slices: how many values it has, those inside others too. 0 for any other one. */
  readonly values: number;
}

/** Prepares a table; slots are the positions in the list. */
export function createKeyTable(names: readonly string[]): KeyTable {
  const byLength: WatchedKey[][] = [];
  for (const [slot, name] of names.entries()) (byLength[name.length] ??= []).push({ slot, bytes: Buffer.from(name) });
  return { names, byLength, slots: new Map(names.map((name, slot) => [name, slot])) };
}

/** Room for what a scan with this table finds. */
export function createOffsets({ names }: KeyTable): Int32Array {
  return new Int32Array(names.length * 3);
}

/**
 * Scans a whole text. Throws a `JsonFault` with a reason for its author. `offsets`: where it is written; who scans again and again keeps one,
 * for making it costs more than many a scan.
 */
export function scanMembers(body: Buffer, table: KeyTable, offsets: Int32Array = createOffsets(table)): MemberSpans {
  const cursor = cursorAt(body, 0);
  offsets.fill(0);
  if (skipSpace(cursor) !== OPEN_BRACE) throw new JsonFault("the body is no JSON object");
  cursor.at += 1;
  const insertAt = cursor.at;
  if (skipSpace(cursor) === CLOSE_BRACE) cursor.at += 1;
  else while (scanMember(cursor, table, offsets));
  skipSpace(cursor);
  if (cursor.at !== body.length) refuse(cursor, "something after the end");
  return { offsets, insertAt, mayHoldMedia: cursor.mayHoldMedia, values: 0 };
}

/** One member with the comma or brace behind it; whether another one follows. */
function scanMember(cursor: JsonCursor, table: KeyTable, offsets: Int32Array): boolean {
  const { body } = cursor;
  if (skipSpace(cursor) !== QUOTE) refuse(cursor, "no key");
  const keyStart = cursor.at;
  const hasEscape = skipString(cursor);
  const slot = hasEscape ? escapedSlot(body, keyStart, cursor.at, table) : plainSlot(body, keyStart, cursor.at, table);
  if (skipSpace(cursor) !== COLON) refuse(cursor, "no colon");
  cursor.at += 1;
  skipSpace(cursor);
  const start = cursor.at;
  skipValue(cursor);
  if (slot >= 0) {
    if (hasEscape) throw new JsonFault(`the key ${table.names[slot]} is written with escapes`);
    if (offsets[slot * 3 + 1] !== 0) throw new JsonFault(`the key ${table.names[slot]} is there twice`);
    offsets[slot * 3] = keyStart;
    offsets[slot * 3 + 1] = start;
    offsets[slot * 3 + 2] = cursor.at;
  }
  const next = skipSpace(cursor);
  if (next !== COMMA && next !== CLOSE_BRACE) refuse(cursor, "neither a comma nor an end");
  cursor.at += 1;
  return next === COMMA;
}

/** The slot of the key between these quotes, or -1. Compared byte by byte: most keys are told apart by their length alone. */
export function plainSlot(body: Buffer, start: number, end: number, table: KeyTable): number {
  const candidates = table.byLength[end - start - 2];
  if (candidates === undefined) return -1;
  for (const { slot, bytes } of candidates) {
    let at = 0;
    while (at < bytes.length && body[start + 1 + at] === bytes[at]) at += 1;
    if (at === bytes.length) return slot;
  }
  return -1;
}

/** A longer key is none that anybody watches, not even written in escapes alone. */
const LONGEST_ESCAPED_KEY = 1_024;

/** The same of a key that is written with escapes. */
export function escapedSlot(body: Buffer, start: number, end: number, table: KeyTable): number {
  if (end - start > LONGEST_ESCAPED_KEY) return -1;
  return table.slots.get(JSON.parse(body.toString("utf8", start, end)) as string) ?? -1;
}
