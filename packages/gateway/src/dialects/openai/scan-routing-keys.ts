// Finds what routing needs in the body of a model call without building an object of it: where the value of the top-level `model`
// stands, and whether `stream` is true. The client's bytes stay as they are; only the model's string is spliced. Anything that a
// parser behind us could read differently (a routing key twice, or written with escapes) is refused. A property test holds it to
// JSON.parse.
import {
  CLOSE_BRACE,
  COLON,
  COMMA,
  JsonFault,
  OPEN_BRACE,
  QUOTE,
  refuse,
  skipSpace,
  skipString,
  skipValue,
  type JsonCursor,
} from "./json-cursor.ts";

/** What was found; offsets are bytes. */
export interface RoutingKeys {
  readonly kind: "found";
  readonly model: string;
  /** Of the value with its quotes: `body[modelStart]` is `"`, `body[modelEnd - 1]` too. */
  readonly modelStart: number;
  readonly modelEnd: number;
  readonly isStream: boolean;
}

/** A body that cannot be routed. */
export interface ScanFault {
  readonly kind: "invalid";
  readonly reason: string;
}

interface Found {
  model?: { readonly start: number; readonly end: number };
  stream?: boolean;
}

/** Scans a whole body. */
export function scanRoutingKeys(body: Buffer): RoutingKeys | ScanFault {
  try {
    const found = scanObject({ body, at: 0 });
    if (!found.model) return { kind: "invalid", reason: "`model` is missing" };
    const { start, end } = found.model;
    return {
      kind: "found",
      model: JSON.parse(body.toString("utf8", start, end)) as string,
      modelStart: start,
      modelEnd: end,
      isStream: found.stream ?? false,
    };
  } catch (error) {
    if (error instanceof JsonFault) return { kind: "invalid", reason: error.message };
    throw error;
  }
}

function scanObject(cursor: JsonCursor): Found {
  const found: Found = {};
  if (skipSpace(cursor) !== OPEN_BRACE) throw new JsonFault("the body is no JSON object");
  cursor.at += 1;
  if (skipSpace(cursor) === CLOSE_BRACE) cursor.at += 1;
  else while (scanMember(cursor, found));
  skipSpace(cursor);
  if (cursor.at !== cursor.body.length) refuse(cursor, "something after the end");
  return found;
}

/** One member with the comma or brace behind it; whether another one follows. */
function scanMember(cursor: JsonCursor, found: Found): boolean {
  const { body } = cursor;
  if (skipSpace(cursor) !== QUOTE) refuse(cursor, "no key");
  const keyStart = cursor.at;
  const hasEscape = skipString(cursor);
  const key = readKey(body, keyStart, cursor.at, hasEscape);
  if (skipSpace(cursor) !== COLON) refuse(cursor, "no colon");
  cursor.at += 1;
  skipSpace(cursor);
  const start = cursor.at;
  skipValue(cursor);
  if (key === "model" || key === "stream") {
    if (hasEscape) throw new JsonFault(`the key ${key} is written with escapes`);
    if (found[key] !== undefined) throw new JsonFault(`the key ${key} is there twice`);
    if (key === "stream") found.stream = readStream(body, start, cursor.at);
    else if (body[start] === QUOTE) found.model = { start, end: cursor.at };
    else throw new JsonFault("`model` is no string");
  }
  const next = skipSpace(cursor);
  if (next !== COMMA && next !== CLOSE_BRACE) refuse(cursor, "neither a comma nor an end");
  cursor.at += 1;
  return next === COMMA;
}

/** The decoded key when it may be a routing key, else undefined: other keys are not decoded. */
function readKey(body: Buffer, start: number, end: number, hasEscape: boolean): string | undefined {
  if (hasEscape) return JSON.parse(body.toString("utf8", start, end)) as string;
  const length = end - start - 2;
  if (length !== 5 && length !== 6) return undefined;
  return body.toString("latin1", start + 1, end - 1);
}

function readStream(body: Buffer, start: number, end: number): boolean {
  const text = body.toString("latin1", start, end);
  if (text === "true") return true;
  if (text === "false" || text === "null") return false;
  throw new JsonFault("`stream` is neither true nor false");
}
