// Sends one answer the way the behaviour says, faults included. All waiting heeds the signal, which aborts when the client leaves.
import type { ServerResponse } from "node:http";
import { sleep, type Clock } from "@flyball/core";
import type { UpstreamAnswer, UpstreamBehaviour } from "./upstream-behaviour.ts";

/** What sending needs beside the answer. */
export interface Sending {
  readonly response: ServerResponse;
  readonly behaviour: UpstreamBehaviour;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told the size of each piece of the body that was handed to the socket. */
  readonly onBytes: (count: number) => void;
}

/** Resolves when the answer was sent, `cut` when a fault broke the connection; a hang resolves never, it rejects by the signal. */
export async function sendAnswer(answer: UpstreamAnswer, sending: Sending): Promise<"completed" | "cut"> {
  const { response, behaviour, clock, signal, onBytes } = sending;
  const fault = answer.fault ?? behaviour.fault;
  if (behaviour.delayMs > 0) await sleep(clock, behaviour.delayMs, signal);
  if (fault?.kind === "hang-before-headers") await forever(signal);
  if (fault?.kind === "reset") {
    response.socket?.resetAndDestroy();
    return "cut";
  }
  const pieces = splitBody(answer.body, behaviour.slow?.bytes);
  const paceMs = behaviour.slow?.everyMs ?? answer.paceMs ?? 0;
  const length = Array.isArray(answer.body) ? undefined : pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(length === undefined ? {} : { "content-length": length }),
  });
  response.flushHeaders();
  let room = fault?.kind === "hang-mid-body" || fault?.kind === "cut" ? fault.afterBytes : Number.POSITIVE_INFINITY;
  for (const [index, piece] of pieces.entries()) {
    if (index > 0 && paceMs > 0) await sleep(clock, paceMs, signal);
    const part = piece.subarray(0, Math.min(piece.byteLength, room));
    if (part.byteLength > 0) {
      await untilAborted(signal, (done) => response.write(part, done));
      onBytes(part.byteLength);
    }
    room -= part.byteLength;
    if (room <= 0) break;
  }
  if (fault?.kind === "hang-mid-body") await forever(signal);
  if (fault?.kind === "cut") {
    response.socket?.destroySoon();
    return "cut";
  }
  await untilAborted(signal, (done) => response.end(() => done()));
  return "completed";
}

function splitBody(body: UpstreamAnswer["body"], pieceBytes: number | undefined): readonly Buffer[] {
  const parts = (Array.isArray(body) ? (body as readonly (string | Uint8Array)[]) : [body as string | Uint8Array]).map(
    (part) => Buffer.from(part as string),
  );
  if (pieceBytes === undefined) return parts;
  const whole = Buffer.concat(parts);
  const size = Math.max(1, pieceBytes);
  return Array.from({ length: Math.ceil(whole.byteLength / size) }, (_, index) =>
    whole.subarray(index * size, (index + 1) * size),
  );
}

/** Runs something that calls back, unless the signal aborts first: Node drops the callbacks of a response whose socket has gone. */
function untilAborted(signal: AbortSignal, begin: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    begin((error) => {
      signal.removeEventListener("abort", onAbort);
      if (error) reject(error);
      else resolve();
    });
  });
}

function forever(signal: AbortSignal): Promise<never> {
  return untilAborted(signal, () => {}) as Promise<never>;
}
