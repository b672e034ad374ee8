// The end of one worker in order.
import type { HttpListener } from "../listen/http-listener.ts";
import type { WorkerContext } from "./worker-context.ts";

/** How long clients with an idle connection get for a last request, which is answered with `connection: close`. */
export const IDLE_GRACE_MS = 1_000;
const CHECK_EVERY_MS = 20;

/** Stops accepting, lets what runs end, and reports; connections without a request are closed after a grace. */
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
  const stop = context.clock.every(CHECK_EVERY_MS, () => {
    const elapsedMs = context.clock.monotonic() - startedAt;
    if (elapsedMs >= Math.min(IDLE_GRACE_MS, limitMs)) {
      for (const listener of listeners.values()) listener.closeIdle();
    }
    const isIdle = context.openConnections === 0;
    if (!isIdle && elapsedMs < limitMs) return;
    stop();
    for (const listener of listeners.values()) listener.closeAll();
    for (const close of context.upgraded) close();
    onDrained();
  });
}
