// What the main thread found out from the evidence of all workers, or another worker by itself, is done here.
import { ejectEndpoint } from "../stages/eject.ts";
import type { PoolRegistry } from "./pool-registry.ts";
import type { WorkerContext } from "./worker-context.ts";
import type { ToWorker } from "./worker-messages.ts";

/** Ejects an endpoint unless it is already, or too few others would be left. */
export function ejectByWord(
  context: WorkerContext,
  registry: PoolRegistry,
  { endpoint: id, cause, slowMs = Number.POSITIVE_INFINITY }: Extract<ToWorker, { type: "eject" }>,
): void {
  for (const pool of registry.pools()) {
    const endpoint = pool.serving.find((each) => each.id === id);
    if (endpoint === undefined) continue;
    const { phase, isSuspected } = endpoint.breaker;
    // A probe that is out will tell by itself.
    if (phase === "probing" && !isSuspected) return;
    if (ejectEndpoint({ context, pool, endpoint }, cause)) endpoint.slowMs = slowMs;
    return;
  }
}
