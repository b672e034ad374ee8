// Walks over JSON text in bytes without building values. It accepts exactly what JSON.parse accepts, up to a depth; everything else
// throws a `JsonFault`. A loop instead of recursion, so that depth costs no stack.
import { isMediaWord, LONGEST_MEDIA_WORD } from "./media-words.ts";

/** Nesting beyond it is refused, so that a body of brackets cannot hold the parser. */
export const MAX_DEPTH = 256;

/** Values of one body; more are refused, so that a body of small ones cannot hold the event loop. Above any list of tokens that APIs take. */
export const MAX_VALUES = 320_000;

/** Where the walk stands. */
export interface JsonCursor {
  readonly body: Buffer;
  at: number;
  /** A string was met that parts of a prompt which are no text are told by. */
  mayHoldMedia: boolean;
}

/** A walk from a place on. */
export function cursorAt(body: Buffer, at: number): JsonCursor {
  return { body, at, mayHoldMedia: false };
}

/** Text that is no JSON, with a reason for its author. */
export class JsonFault extends Error {}

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
const BACKSLASH = 0x5c;

/** Throws what is wrong at this place. */
export function refuse(cursor: JsonCursor, what: string): never {
  throw new JsonFault(`the body is not valid JSON: ${what} at byte ${cursor.at}`);
}

/** Moves over white space and returns the byte behind it. */
export function skipSpace(cursor: JsonCursor): number | undefined {
  for (;;) {
    const byte = cursor.body[cursor.at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
    cursor.at += 1;
  }
}

/** 1 for the bytes of a string that mean themselves: all but quote, backslash and control characters. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/** So many bytes of a string are looked at one by one; most strings end before. */
const NEAR_BYTES = 64;

/**
 * Moves over plain bytes four at a time, and stops before four of which one is not plain: a prompt of megabytes in one string may not hold the
 * event loop. The sums tell a byte below 0x20, and one that is a quote or a backslash, by the borrow into its highest bit (Mycroft, 1987;
 * Warren, Hacker's Delight, §6-1); they may be wrong about bytes above such a one, and there they stop anyway.
 */
function skipPlainWords(body: Buffer, from: number, until = body.length): number {
  let at = from;
  while (((body.byteOffset + at) & 3) !== 0 && PLAIN[body[at] as number] === 1) at += 1;
  if (((body.byteOffset + at) & 3) !== 0) return at;
  const words = new Uint32Array(body.buffer, body.byteOffset + at, Math.max(0, until - at) >> 2);
  const count = words.length;
  let index = 0;
  for (; index < count; index += 1) {
    const word = words[index] as number;
    const quotes = word ^ 0x22222222;
    const backslashes = word ^ 0x5c5c5c5c;
    const below = (word - 0x20202020) & ~word;
    const found = ((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes);
    if (((below | found) & 0x80808080) !== 0) break;
  }
  return at + index * 4;
}

/** At an opening quote; moves behind the closing one. Returns whether an escape is inside. Most bytes of a call pass through here. */
export function skipString(cursor: JsonCursor): boolean {
  const { body } = cursor;
  let hasEscape = false;
  let at = cursor.at + 1;
  for (;;) {
    const near = at + NEAR_BYTES;
    // Behind the end there is no byte, and so no plain one.
    while (PLAIN[body[at] as number] === 1 && at < near) at += 1;
    if (at === near) at = skipPlainWords(body, at);
    while (PLAIN[body[at] as number] === 1) at += 1;
    const byte = body[at];
    cursor.at = at;
    if (byte === QUOTE) break;
    if (byte === undefined) refuse(cursor, "a string does not end");
    if (byte !== BACKSLASH) refuse(cursor, "a control character in a string");
    hasEscape = true;
    skipEscape(cursor);
    ({ at } = cursor);
  }
  cursor.at = at + 1;
  return hasEscape;
}

/** How far a walk over a string has come that is made in slices. */
export interface StringWalk {
  /** Of its opening quote. */
  readonly start: number;
  hasEscape: boolean;
}

/** Inside a string; moves behind its closing quote, or to `until` or a little behind it. Returns whether the string has ended. */
export function skipStringSlice(cursor: JsonCursor, walk: StringWalk, until: number): boolean {
  const { body } = cursor;
  const last = Math.min(until, body.length);
  while (cursor.at < until) {
    let { at } = cursor;
    const near = at + NEAR_BYTES;
    while (PLAIN[body[at] as number] === 1 && at < near) at += 1;
    if (at === near) {
      at = skipPlainWords(body, at, last);
      while (PLAIN[body[at] as number] === 1 && at < last) at += 1;
    }
    cursor.at = at;
    if (at >= until) return false;
    const byte = body[at];
    if (byte === QUOTE) {
      cursor.at += 1;
      return true;
    }
    if (byte === undefined) refuse(cursor, "a string does not end");
    if (byte !== BACKSLASH) refuse(cursor, "a control character in a string");
    walk.hasEscape = true;
    skipEscape(cursor);
  }
  return false;
}

/** Skips a string and notes whether it may be the word of a part that is no text. */
function skipWord(cursor: JsonCursor): void {
  const start = cursor.at;
  noteWord(cursor, start, skipString(cursor));
}

/** Behind a string that began at this place. */
export function noteWord(cursor: JsonCursor, start: number, hasEscape: boolean): void {
  if (cursor.at - start <= LONGEST_MEDIA_WORD && isMediaWord(cursor.body, start, cursor.at, hasEscape)) {
    cursor.mayHoldMedia = true;
  }
}

/** At the first byte of a key (white space may precede); moves behind its colon. */
export function skipKey(cursor: JsonCursor): void {
  if (skipSpace(cursor) !== QUOTE) refuse(cursor, "no key");
  skipWord(cursor);
  if (skipSpace(cursor) !== COLON) refuse(cursor, "no colon");
  cursor.at += 1;
}

/** At a value of any kind (white space may precede); moves behind it. */
export function skipValue(cursor: JsonCursor): void {
  const first = skipSpace(cursor);
  if (first === QUOTE) skipWord(cursor);
  else if (first === OPEN_BRACE || first === OPEN_BRACKET) skipNested(cursor);
  else skipLiteral(cursor);
}

function skipNested(cursor: JsonCursor): void {
  // What closes each open level.
  const open: number[] = [];
  let values = 0;
  do {
    values += 1;
    if (values > MAX_VALUES) refuse(cursor, `more than ${MAX_VALUES} values`);
    const byte = skipSpace(cursor);
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      cursor.at += 1;
      const close = byte === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET;
      open.push(close);
      if (open.length >= MAX_DEPTH) refuse(cursor, `more than ${MAX_DEPTH} levels`);
      if (skipSpace(cursor) !== close) {
        if (close === CLOSE_BRACE) skipKey(cursor);
        continue;
      }
    } else if (byte === QUOTE) skipWord(cursor);
    else skipLiteral(cursor);
    closeLevels(cursor, open);
  } while (open.length > 0);
}

/** Behind a value: moves over everything that ends here and stands at the next value, or has no level open. */
function closeLevels(cursor: JsonCursor, open: number[]): void {
  for (let close = open.at(-1); close !== undefined; close = open.at(-1)) {
    const byte = skipSpace(cursor);
    if (byte !== close && byte !== COMMA) refuse(cursor, "neither a comma nor an end");
    cursor.at += 1;
    if (byte === close) {
      open.pop();
      continue;
    }
    if (close === CLOSE_BRACE) skipKey(cursor);
    return;
  }
}

/** 1 for the second byte of an escape of two: `"` `\` `/` b f n r t */
const SHORT_ESCAPES = Uint8Array.from({ length: 256 }, (_, byte) =>
  '"\\/bfnrt'.includes(String.fromCharCode(byte)) ? 1 : 0,
);

/** At a backslash; moves behind the escape. */
function skipEscape(cursor: JsonCursor): void {
  const { body, at } = cursor;
  if (SHORT_ESCAPES[body[at + 1] as number] === 1) {
    cursor.at = at + 2;
    return;
  }
  if (body[at + 1] !== 0x75) refuse(cursor, "an unknown escape");
  for (let digit = at + 2; digit < at + 6; digit += 1) {
    if (!isHexDigit(body[digit])) refuse(cursor, "a broken \\u escape");
  }
  cursor.at = at + 6;
}

function isHexDigit(byte = 0): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

const TRUE = Buffer.from("true");
const FALSE = Buffer.from("false");
const NULL = Buffer.from("null");
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/** At its first byte; moves over true, false, null or a number. Bytes only: a body may hold a million of them. */
export function skipLiteral(cursor: JsonCursor): void {
  const { body, at } = cursor;
  const end = literalEnd(body, at);
  if (end === at || isLiteralByte(body[end])) refuse(cursor, "an unexpected character");
  cursor.at = end;
}

function literalEnd(body: Buffer, at: number): number {
  switch (body[at]) {
    case TRUE[0]:
      return wordEnd(body, at, TRUE);
    case FALSE[0]:
      return wordEnd(body, at, FALSE);
    case NULL[0]:
      return wordEnd(body, at, NULL);
    default:
      return numberEnd(body, at);
  }
}

/** Behind the word, or where it was to begin when it does not stand there. */
function wordEnd(body: Buffer, at: number, word: Buffer): number {
  for (let index = 0; index < word.length; index += 1) if (body[at + index] !== word[index]) return at;
  return at + word.length;
}

/** Behind a number (RFC 8259 §6), or where it was to begin when none stands there. */
function numberEnd(body: Buffer, at: number): number {
  const whole = body[at] === MINUS ? at + 1 : at;
  let end = body[whole] === ZERO ? whole + 1 : digitsEnd(body, whole);
  if (end === whole) return at;
  if (body[end] === POINT) {
    const fraction = digitsEnd(body, end + 1);
    if (fraction === end + 1) return at;
    end = fraction;
  }
  if (body[end] !== 0x65 && body[end] !== 0x45) return end;
  const sign = body[end + 1];
  const exponent = sign === 0x2b || sign === MINUS ? end + 2 : end + 1;
  const last = digitsEnd(body, exponent);
  return last === exponent ? at : last;
}

function digitsEnd(body: Buffer, at: number): number {
  let end = at;
  for (let byte = body[end] ?? 0; byte >= ZERO && byte <= 0x39; byte = body[end] ?? 0) end += 1;
  return end;
}

/** Digits, lower-case letters, `E`, `+`, `-`, `.` */
function isLiteralByte(byte = 0): boolean {
  const isLetterOrDigit = (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a);
  return isLetterOrDigit || byte === 0x45 || byte === 0x2b || byte === MINUS || byte === POINT;
}
