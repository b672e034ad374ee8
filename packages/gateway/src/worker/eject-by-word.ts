// What the main thread found out from the evidence of all workers, or another worker by itself, is done here.
import { ejectEndpoint, suspectEndpoint } from "../stages/eject.ts";
import type { Endpoint } from "./endpoint.ts";
import type { PoolRegistry } from "./pool-registry.ts";
import type { Pool } from "./pool.ts";
import type { WorkerContext } from "./worker-context.ts";
import type { ToWorker } from "./worker-messages.ts";

/** It was heard from in this worker within so long: it is not silent. */
const HEARD_MS = 500;

/** Ejects an endpoint unless it is already, or too few others would be left. */
export function ejectByWord(
  context: WorkerContext,
  registry: PoolRegistry,
  { endpoint: id, cause, slowMs = Number.POSITIVE_INFINITY }: Extract<ToWorker, { type: "eject" }>,
): void {
  const found = find(registry, id);
  if (found === undefined) return;
  const { endpoint } = found;
  const { phase, isSuspected } = endpoint.breaker;
  // A probe that is out will tell by itself.
  if (phase === "probing" && !isSuspected) return;
  if (ejectEndpoint({ context, ...found }, cause)) endpoint.slowMs = slowMs;
}

/** Suspects an endpoint of which nothing was heard here either. */
export function suspectByWord(
  context: WorkerContext,
  registry: PoolRegistry,
  { endpoint: id }: Extract<ToWorker, { type: "suspect" }>,
): void {
  const found = find(registry, id);
  if (found === undefined || context.clock.monotonic() - found.endpoint.movedAt < HEARD_MS) return;
  suspectEndpoint({ context, ...found });
}

/** Takes what another worker has learned. */
export function hearUsual(registry: PoolRegistry, { pools }: Extract<ToWorker, { type: "usual" }>): void {
  const heard = new Map(pools.map(({ pool, learned }) => [pool, learned]));
  for (const { id, usual } of registry.pools()) usual.hear(heard.get(id) ?? []);
}

function find(registry: PoolRegistry, id: string): { pool: Pool; endpoint: Endpoint } | undefined {
  for (const pool of registry.pools()) {
    const endpoint = pool.serving.find((each) => each.id === id);
    if (endpoint !== undefined) return { pool, endpoint };
  }
  return undefined;
}
