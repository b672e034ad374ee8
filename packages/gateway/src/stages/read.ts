// Reads the body of a model call whole, because its route stands inside it. One that is too long is refused at its announced length,
// or as soon as it is longer.
import type { IncomingMessage } from "node:http";
import type { ErrorCode } from "@flyball/core";

/** The body, or why there is none. */
export type ReadOutcome =
  | { readonly kind: "read"; readonly body: Buffer }
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly reason: string };

/** Calls back once; never when the client leaves first. */
export function readModelBody(
  request: IncomingMessage,
  maxBytes: number,
  onDone: (outcome: ReadOutcome) => void,
): void {
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    const reason = `its content-encoding is ${encoding}; send the body uncompressed`;
    onDone({ kind: "refused", code: "FB_GATEWAY_BAD_REQUEST", reason });
    return;
  }
  const tooLarge: ReadOutcome = {
    kind: "refused",
    code: "FB_GATEWAY_BODY_TOO_LARGE",
    reason: `it is longer than ${maxBytes} bytes`,
  };
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) {
    onDone(tooLarge);
    return;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  request.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > maxBytes) {
      request.removeAllListeners("data").removeAllListeners("end");
      request.pause();
      onDone(tooLarge);
      return;
    }
    chunks.push(chunk);
  });
  request.on("end", () => {
    onDone({
      kind: "read",
      body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks),
    });
  });
  request.on("error", () => undefined);
}
