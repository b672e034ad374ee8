// Reads a request body up to a bound. What exceeds the bound is thrown away while it arrives, so that the client
// can finish sending and read the refusal; a client that sends far more than that is cut off.

import type { IncomingMessage } from "node:http";

/** How reading ended. */
export type BodyOutcome =
  | { readonly outcome: "read"; readonly bytes: Buffer }
  | { readonly outcome: "too-large" }
  /** The client left before the end. */
  | { readonly outcome: "incomplete" };

/** How many times the bound is read and thrown away before the client is cut off. */
const discardFactor = 8;

/** Reads the whole body unless it exceeds `limitBytes`. Never throws. */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<BodyOutcome> {
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let receivedBytes = 0;
    request.on("data", (chunk: Buffer) => {
      receivedBytes += chunk.length;
      if (receivedBytes <= limitBytes) chunks.push(chunk);
      else chunks = [];
      if (receivedBytes > limitBytes * discardFactor) {
        request.pause();
        resolve({ outcome: "too-large" });
      }
    });
    request.on("end", () => {
      if (receivedBytes > limitBytes) resolve({ outcome: "too-large" });
      else resolve({ outcome: "read", bytes: Buffer.concat(chunks, receivedBytes) });
    });
    request.on("error", () => resolve({ outcome: "incomplete" }));
    request.on("close", () => resolve({ outcome: "incomplete" }));
  });
}
