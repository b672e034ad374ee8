// Splits a stream of server-sent events at its empty lines without decoding it: complete frames can be passed on byte by byte as they
// came, and an incomplete one is kept until its rest comes, so that an error of our own never lands inside a frame. CR, LF and CRLF
// end lines. A frame longer than the bound is handed out in parts: memory is bounded, order and bytes stay.

/** Bytes of an incomplete frame that are kept. */
export const MAX_FRAME_BYTES = 1024 * 1024;

/** A splitter for one stream. */
export interface SseFrames {
  /** Complete frames in this chunk as one piece of bytes (empty when none ends in it). */
  push(chunk: Buffer): Buffer;
  /** What is left of an incomplete frame. */
  rest(): Buffer;
}

const CR = 0x0d;
const LF = 0x0a;
const NOTHING = Buffer.alloc(0);

/** Creates a splitter at the beginning of a stream. */
export function createSseFrames(): SseFrames {
  let kept: Buffer = NOTHING;
  /** The line so far is empty. */
  let isLineEmpty = true;
  let wasCr = false;
  /** That CR ended an empty line; its LF then belongs to the frame. */
  let wasEndingCr = false;
  /** The offset behind the last empty line of the chunk, or 0. */
  const findEnd = (chunk: Buffer): number => {
    let end = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (byte === LF && wasCr) {
        if (wasEndingCr) end = at + 1;
        wasCr = false;
        continue;
      }
      wasCr = byte === CR;
      if (byte !== CR && byte !== LF) {
        isLineEmpty = false;
        continue;
      }
      wasEndingCr = isLineEmpty;
      if (isLineEmpty) end = at + 1;
      isLineEmpty = true;
    }
    return end;
  };
  return {
    push(chunk) {
      const end = findEnd(chunk);
      if (end === 0) {
        kept = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
        if (kept.length <= MAX_FRAME_BYTES) return NOTHING;
        const all = kept;
        kept = NOTHING;
        return all;
      }
      const complete = end === chunk.length ? chunk : chunk.subarray(0, end);
      const out = kept.length === 0 ? complete : Buffer.concat([kept, complete]);
      kept = end === chunk.length ? NOTHING : chunk.subarray(end);
      return out;
    },
    rest: () => kept,
  };
}
