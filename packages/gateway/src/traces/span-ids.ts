// Ids of traces and spans: random bytes in hex, drawn from the system in blocks because a call of it costs more than the rest of a trace.

/** Makes ids. */
export interface SpanIds {
  traceId(): string;
  spanId(): string;
}

const BLOCK_BYTES = 4_096;

/** `fill` puts random bytes into the whole block. */
export function createSpanIds(fill: (block: Buffer) => void): SpanIds {
  const block = Buffer.alloc(BLOCK_BYTES);
  let at = BLOCK_BYTES;
  const take = (bytes: number): string => {
    if (at + bytes > BLOCK_BYTES) {
      fill(block);
      at = 0;
    }
    at += bytes;
    return block.toString("hex", at - bytes, at);
  };
  return { traceId: () => take(16), spanId: () => take(8) };
}
