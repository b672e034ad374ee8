// The scan of `scanMembers` for a long body, in slices: between two of them the event loop can turn. Where it stands is plain fields, so a slice
// may end at any token and inside any string or white space. It finds the same offsets and refuses the same bodies for the same reasons; more
// than `MAX_VALUES` are refused of the whole body here, for what is done with them later costs by the value.
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  cursorAt,
  JsonFault,
  MAX_DEPTH,
  MAX_VALUES,
  noteWord,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  refuse,
  skipLiteral,
  skipStringSlice,
  type JsonCursor,
  type StringWalk,
} from "../json-cursor.ts";
import { createOffsets, escapedSlot, plainSlot, type KeyTable, type MemberSpans } from "./member-scan.ts";

/** What is expected where the scan stands; white space may come first but in a string. */
type Expected =
  | "object"
  | "first-key"
  | "key"
  | "colon"
  | "first-item"
  | "value"
  | "comma"
  | "end"
  | "in-key"
  | "in-text";

/** A scan that is made in slices. */
export class SlicedScan {
  readonly #cursor: JsonCursor;
  readonly #table: KeyTable;
  readonly #offsets: Int32Array;
  #expected: Expected = "object";
  /** What closes each open level, the object itself first. */
  readonly #open: number[] = [];
  #values = 0;
  #insertAt = 0;
  #string: StringWalk = { start: 0, hasEscape: false };
  /** The member of the top level that is under way: its key, where that is watched, and where its value begins. */
  #slot = -1;
  #isKeyEscaped = false;
  #keyStart = 0;
  #valueStart = 0;

  constructor(body: Buffer, table: KeyTable) {
    this.#cursor = cursorAt(body, 0);
    this.#table = table;
    this.#offsets = createOffsets(table);
  }

  /** Goes on over about so many bytes; undefined: there are more. Throws a `JsonFault` with a reason for the body's author. */
  step(bytes: number): MemberSpans | undefined {
    const cursor = this.#cursor;
    const { length } = cursor.body;
    const until = cursor.at + bytes;
    while (cursor.at < until) {
      if (this.#expected === "in-key" || this.#expected === "in-text") {
        if (skipStringSlice(cursor, this.#string, until)) this.#endString();
        continue;
      }
      if (!skipSpaceSlice(cursor, until)) break;
      if (this.#expected !== "end") this.#token();
      else if (cursor.at !== length) refuse(cursor, "something after the end");
      else return this.#found();
    }
    return undefined;
  }

  #found(): MemberSpans {
    const { mayHoldMedia } = this.#cursor;
    return { offsets: this.#offsets, insertAt: this.#insertAt, mayHoldMedia, values: this.#values };
  }

  /** Takes one token; a string is only begun. */
  #token(): void {
    const cursor = this.#cursor;
    const byte = cursor.body[cursor.at];
    switch (this.#expected) {
      case "object":
        if (byte !== OPEN_BRACE) throw new JsonFault("the body is no JSON object");
        cursor.at += 1;
        this.#insertAt = cursor.at;
        this.#open.push(CLOSE_BRACE);
        this.#expected = "first-key";
        return;
      case "first-key":
        if (byte === CLOSE_BRACE) this.#close();
        else this.#beginKey(byte);
        return;
      case "key":
        this.#beginKey(byte);
        return;
      case "colon":
        if (byte !== COLON) refuse(cursor, "no colon");
        cursor.at += 1;
        this.#expectValue();
        return;
      case "first-item":
        if (byte === CLOSE_BRACKET) this.#close();
        else this.#expectValue();
        return;
      case "value":
        this.#value(byte);
        return;
      case "comma":
        this.#next(byte);
        return;
      case "end":
      case "in-key":
      case "in-text":
        return;
      default:
        this.#expected satisfies never;
    }
  }

  #beginKey(byte: number | undefined): void {
    if (byte !== QUOTE) refuse(this.#cursor, "no key");
    this.#beginString("in-key");
  }

  #beginString(expected: "in-key" | "in-text"): void {
    this.#string = { start: this.#cursor.at, hasEscape: false };
    this.#cursor.at += 1;
    this.#expected = expected;
  }

  #endString(): void {
    const { start, hasEscape } = this.#string;
    const cursor = this.#cursor;
    const isKey = this.#expected === "in-key";
    if (isKey && this.#open.length === 1) {
      const slotOf = hasEscape ? escapedSlot : plainSlot;
      this.#slot = slotOf(cursor.body, start, cursor.at, this.#table);
      this.#isKeyEscaped = hasEscape;
      this.#keyStart = start;
    } else noteWord(cursor, start, hasEscape);
    if (isKey) this.#expected = "colon";
    else this.#endValue();
  }

  #expectValue(): void {
    this.#values += 1;
    if (this.#values > MAX_VALUES) refuse(this.#cursor, `more than ${MAX_VALUES} values`);
    this.#expected = "value";
  }

  #value(byte: number | undefined): void {
    const cursor = this.#cursor;
    if (this.#open.length === 1) this.#valueStart = cursor.at;
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      cursor.at += 1;
      this.#open.push(byte === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET);
      if (this.#open.length > MAX_DEPTH) refuse(cursor, `more than ${MAX_DEPTH} levels`);
      this.#expected = byte === OPEN_BRACE ? "first-key" : "first-item";
    } else if (byte === QUOTE) this.#beginString("in-text");
    else {
      skipLiteral(cursor);
      this.#endValue();
    }
  }

  #next(byte: number | undefined): void {
    const cursor = this.#cursor;
    const close = this.#open.at(-1);
    if (byte === close) {
      this.#close();
      return;
    }
    if (byte !== COMMA) refuse(cursor, "neither a comma nor an end");
    cursor.at += 1;
    if (close === CLOSE_BRACE) this.#expected = "key";
    else this.#expectValue();
  }

  #close(): void {
    this.#cursor.at += 1;
    this.#open.pop();
    if (this.#open.length === 0) this.#expected = "end";
    else this.#endValue();
  }

  #endValue(): void {
    this.#expected = "comma";
    if (this.#open.length !== 1 || this.#slot < 0) return;
    const name = this.#table.names[this.#slot];
    const at = this.#slot * 3;
    if (this.#isKeyEscaped) throw new JsonFault(`the key ${name} is written with escapes`);
    if (this.#offsets[at + 1] !== 0) throw new JsonFault(`the key ${name} is there twice`);
    this.#offsets[at] = this.#keyStart;
    this.#offsets[at + 1] = this.#valueStart;
    this.#offsets[at + 2] = this.#cursor.at;
  }
}

/** Moves over white space up to this place; whether something else, or the end of the text, stands before it. */
function skipSpaceSlice(cursor: JsonCursor, until: number): boolean {
  const { body } = cursor;
  let { at } = cursor;
  for (; at < until; at += 1) {
    const byte = body[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
  }
  cursor.at = at;
  return at < until;
}
