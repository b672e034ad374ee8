// One text for calls that are asked for the same. It is made of the bytes and not of parsed values: `9007199254740993` and
// `9007199254740992` are one number to JSON.parse and two to a model server. White space outside strings and the order of the top-level
// members mean nothing; the order inside values stays, because a model may read a schema in the order in which it is written.
import { createHash, type Hash } from "node:crypto";
import { CLOSE_BRACE, cursorAt, QUOTE, skipKey, skipSpace, skipString, skipValue } from "../dialects/json-cursor.ts";

/** Members that do not change what a model says. Whether usage is wanted in a stream is told apart by the key's other parts. */
const WITHOUT_MEANING: ReadonlySet<string> = new Set([
  "user",
  "metadata",
  "stream_options",
  "safety_identifier",
  "prompt_cache_key",
]);

const BACKSLASH = 0x5c;

interface Member {
  readonly key: Buffer;
  /** Key, colon and value. */
  readonly text: Buffer;
}

/**
 * Hash of a call: `parts` are what it depends on besides its body, which is an object of JSON that was checked before, or the digest of a long
 * one.
 */
export function requestDigest(parts: readonly string[], body: Buffer | string): string {
  const hash = createHash("sha256").update(JSON.stringify(parts));
  if (typeof body === "string") hash.update(body);
  else addMembers(hash, body);
  return hash.digest("base64");
}

/** Digest of a body alone. */
export function bodyDigest(body: Buffer): string {
  const hash = createHash("sha256");
  addMembers(hash, body);
  return hash.digest("base64");
}

function addMembers(hash: Hash, body: Buffer): void {
  const members = readMembers(body).toSorted((left, right) => left.key.compare(right.key));
  for (const { text } of members) hash.update(text).update(",");
}

function readMembers(body: Buffer): Member[] {
  const cursor = cursorAt(body, 0);
  const members: Member[] = [];
  const compact = Buffer.allocUnsafe(body.length);
  let length = 0;
  skipSpace(cursor);
  cursor.at += 1;
  while (skipSpace(cursor) !== CLOSE_BRACE) {
    const keyStart = cursor.at;
    skipString(cursor);
    const key = body.subarray(keyStart + 1, cursor.at - 1);
    cursor.at = keyStart;
    skipKey(cursor);
    skipValue(cursor);
    if (!WITHOUT_MEANING.has(key.toString("latin1"))) {
      const end = copyCompact(body.subarray(keyStart, cursor.at), compact, length);
      members.push({ key, text: compact.subarray(length, end) });
      length = end;
    }
    if (skipSpace(cursor) !== CLOSE_BRACE) cursor.at += 1;
  }
  return members;
}

/** Copies JSON without the white space between its parts; returns where the copy ends. */
function copyCompact(from: Buffer, to: Buffer, start: number): number {
  let at = start;
  let isString = false;
  for (let index = 0; index < from.length; index += 1) {
    const byte = from[index] as number;
    if (!isString && byte <= 0x20) continue;
    to[at] = byte;
    at += 1;
    if (byte === QUOTE) isString = !isString;
    else if (byte === BACKSLASH) {
      index += 1;
      to[at] = from[index] as number;
      at += 1;
    }
  }
  return at;
}
