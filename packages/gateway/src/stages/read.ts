// Reads the body of a model call whole, because its route stands inside it. One that is too long is refused at its announced length,
// or as soon as it is longer; one that stops coming is given up. Memory per request: the longest body that is allowed.
import type { ClientRequest } from "../listen/client-request.ts";
import type { Clock, ErrorCode, ErrorDetails } from "@flyball/core";
import { createBodyCollector } from "../body/collect-body.ts";
import { createWatchdog, type Watchdog } from "../stream/watchdog.ts";

/** Longest time between two pieces of a body. */
export const BODY_GAP_MS = 30_000;
/** Slowest pace of a body over its whole length; what comes slower holds memory for nothing. */
const BODY_BYTES_PER_SECOND = 8 * 1024;

/** The body, or why there is none. */
export type ReadOutcome =
  | { readonly kind: "read"; readonly body: Buffer }
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly details: ErrorDetails };

/** Calls back once; never when the client leaves first. */
export function readModelBody(
  request: ClientRequest,
  { maxBytes, clock }: { readonly maxBytes: number; readonly clock: Clock },
  onDone: (outcome: ReadOutcome) => void,
): void {
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    const reason = `its content-encoding is ${encoding}; send the body uncompressed`;
    onDone({ kind: "refused", code: "FB_GATEWAY_BAD_REQUEST", details: { reason } });
    return;
  }
  const { wholeBody } = request;
  const announced = wholeBody?.length ?? Number(request.headers["content-length"] ?? 0);
  if (announced > maxBytes) {
    onDone(tooLarge(maxBytes));
    return;
  }
  if (wholeBody !== undefined) {
    onDone({ kind: "read", body: wholeBody });
    return;
  }
  const collector = createBodyCollector(announced);
  const stall = createBodyStall(clock, (timeoutMs) => {
    finish({ kind: "refused", code: "FB_GATEWAY_BODY_STALLED", details: { timeoutMs } });
  });
  const finish = (outcome: ReadOutcome): void => {
    stall.clear();
    request.removeAllListeners("data").removeAllListeners("end");
    onDone(outcome);
  };
  request.on("data", (chunk: Buffer) => {
    if (collector.length + chunk.length > maxBytes) {
      request.pause();
      finish(tooLarge(maxBytes));
      return;
    }
    collector.add(chunk);
    stall.onBytes(collector.length);
  });
  request.on("end", () => {
    finish({ kind: "read", body: collector.take() });
  });
  request.on("error", () => undefined);
  // A small body usually came with the headers: after this turn it is whole, and no timer was set for it.
  process.nextTick(() => {
    if (request.complete || request.destroyed) return;
    request.once("close", () => stall.clear());
    stall.start();
  });
}

function tooLarge(limitBytes: number): ReadOutcome {
  return { kind: "refused", code: "FB_GATEWAY_BODY_TOO_LARGE", details: { limitBytes } };
}

interface BodyStall {
  start(): void;
  onBytes(total: number): void;
  clear(): void;
}

/** Watches the time between two pieces, and the pace of all. Does nothing before its start and after `clear`. */
function createBodyStall(clock: Clock, onStalled: (afterMs: number) => void): BodyStall {
  const startedAt = clock.monotonic();
  let watchdog: Watchdog | undefined;
  let isOver = false;
  let bytes = 0;
  const expectMore = (): void => {
    const paceEndsAt = startedAt + BODY_GAP_MS + (bytes / BODY_BYTES_PER_SECOND) * 1_000;
    watchdog?.set(Math.min(clock.monotonic() + BODY_GAP_MS, paceEndsAt));
  };
  return {
    start() {
      if (isOver) return;
      watchdog = createWatchdog(clock, () => onStalled(Math.round(clock.monotonic() - startedAt)));
      expectMore();
    },
    onBytes(total) {
      bytes = total;
      expectMore();
    },
    clear() {
      isOver = true;
      watchdog?.clear();
    },
  };
}
