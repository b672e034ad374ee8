// The end of one worker in order.
import type { HttpListener } from "../listen/http-listener.ts";
import { stopExchange } from "../calls/stop-exchange.ts";
import type { WorkerContext } from "./worker-context.ts";

/** How long clients with an idle connection get for a last request, which is answered with `connection: close`. */
export const IDLE_GRACE_MS = 1_000;
const CHECK_EVERY_MS = 20;
/** How long the last words of what still ran at the limit get to leave. Less than the main thread waits for a worker. */
const FLUSH_MS = 500;

/**
 * Stops accepting, lets what runs end, and reports; connections without a request are closed after a grace. What still runs at the limit
 * is ended, and its clients are told.
 */
export function drainWorker(
  context: WorkerContext,
  listeners: ReadonlyMap<string, HttpListener>,
  limitMs: number,
  onDrained: () => void,
): void {
  if (context.isDraining) return;
  context.isDraining = true;
  for (const listener of listeners.values()) listener.stopAccepting();
  const startedAt = context.clock.monotonic();
  let isOver = false;
  const stop = context.clock.every(CHECK_EVERY_MS, () => {
    const elapsedMs = context.clock.monotonic() - startedAt;
    if (!isOver && elapsedMs >= limitMs) {
      isOver = true;
      for (const exchange of context.running) stopExchange(exchange);
    }
    if (elapsedMs >= Math.min(IDLE_GRACE_MS, limitMs)) {
      for (const listener of listeners.values()) listener.closeIdle();
    }
    const isIdle = context.openConnections === 0 || (isOver && context.running.size === 0);
    if (!isIdle && elapsedMs < limitMs + FLUSH_MS) return;
    stop();
    // Whoever has not taken what was written for him did not leave: he is cut off.
    for (const exchange of context.running) exchange.wasBrokenOff = true;
    for (const listener of listeners.values()) listener.closeAll();
    for (const close of context.upgraded) close();
    onDrained();
  });
}
