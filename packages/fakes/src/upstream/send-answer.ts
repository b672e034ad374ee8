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
  const { body } = answer;
  const isWhole = typeof body === "string" || body instanceof Uint8Array;
  const pieces = splitBody(body, behaviour.slow?.bytes);
  const paceMs = behaviour.slow?.everyMs ?? answer.paceMs ?? 0;
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(isWhole ? { "content-length": Buffer.byteLength(body) } : {}),
  });
  response.flushHeaders();
  let room = fault?.kind === "hang-mid-body" || fault?.kind === "cut" ? fault.afterBytes : Number.POSITIVE_INFINITY;
  let index = 0;
  for await (const given of heeding(pieces, signal)) {
    const piece = Buffer.from(given as string);
    if (index++ > 0 && paceMs > 0) await sleep(clock, paceMs, signal);
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

type Pieces = readonly (string | Uint8Array)[] | AsyncIterable<string | Uint8Array>;

/** Slow bytes cut what is there from the beginning; what comes piece by piece has a pace of its own. */
function splitBody(body: UpstreamAnswer["body"], pieceBytes: number | undefined): Pieces {
  const parts = typeof body === "string" || body instanceof Uint8Array ? [body] : body;
  if (pieceBytes === undefined || Symbol.asyncIterator in parts) return parts;
  const whole = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  const size = Math.max(1, pieceBytes);
  return Array.from({ length: Math.ceil(whole.byteLength / size) }, (_, index) =>
    whole.subarray(index * size, (index + 1) * size),
  );
}

/** The pieces until the signal aborts, also while one is awaited. */
async function* heeding(pieces: Pieces, signal: AbortSignal): AsyncGenerator<string | Uint8Array> {
  if (!(Symbol.asyncIterator in pieces)) {
    yield* pieces;
    return;
  }
  const iterator = pieces[Symbol.asyncIterator]();
  for (;;) {
    signal.throwIfAborted();
    const coming = iterator.next();
    const gone = Promise.withResolvers<never>();
    const onAbort = (): void => gone.reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    const next = await Promise.race([coming, gone.promise]).finally(() => signal.removeEventListener("abort", onAbort));
    if (next.done) return;
    yield next.value;
  }
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
