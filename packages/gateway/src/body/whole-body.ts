// A request's body that is there as a whole: in one piece, or in several that go out one behind the other and are never joined.
import type { Readable } from "node:stream";

/** A whole body. */
export type WholeBody = Buffer | readonly Buffer[];

/** Whether a body is there as a whole. */
export function isWhole(body: WholeBody | Readable): body is WholeBody {
  return Buffer.isBuffer(body) || Array.isArray(body);
}

/** Its length in bytes. */
export function wholeLength(body: WholeBody): number {
  return Buffer.isBuffer(body) ? body.length : body.reduce((sum, piece) => sum + piece.length, 0);
}

/** All of it in one buffer. */
export function joinBody(body: WholeBody): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.concat(body);
}
