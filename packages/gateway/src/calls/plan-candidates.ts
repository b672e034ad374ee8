// Which backend a call is sent to next, from what is known at that moment. Planned anew after each failure, so a backend that began to
// rest meanwhile is not asked. A model with one backend and no fallback needs no plan.
import { planBackends, type BackendState, type PlannableBackend } from "@flyball/traffic";
import { hasRoom } from "../stages/place.ts";
import { permissionAt } from "../stages/who-may-be-asked.ts";
import { MAX_CONNECTIONS } from "../upstream/max-connections.ts";
import type { Pool } from "../worker/pool.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import type { WorkerContext } from "../worker/worker-context.ts";
import type { ModelCall } from "./model-call.ts";

/** What to do next. */
export type NextCandidate =
  /** With `mayWait` nobody else is left, or nobody else may answer while this one is merely full: the call waits for a place. */
  | { readonly kind: "ask"; readonly backend: ServingBackend; readonly mayWait: boolean }
  /** All that could answer rest; the earliest is back then (monotonic). */
  | { readonly kind: "cooling"; readonly until: number }
  | { readonly kind: "none" };

/** With the backend that it is. */
export interface PlannedBackend extends PlannableBackend {
  readonly backend: ServingBackend;
}

/** Chooses the next backend; `failed` are those that this call is done with. */
export function nextCandidate(
  call: ModelCall,
  failed: ReadonlySet<ServingBackend>,
  neededTokens: number | undefined,
): NextCandidate {
  const { model, exchange } = call;
  const { context, serving } = exchange;
  const [only] = model.backends;
  if (model.backends.length === 1 && model.fallbacks.length === 0 && only) return askOnly(context, only, failed);
  const models = [model.backends, ...model.fallbacks.map((name) => serving.models.get(name)?.backends ?? [])];
  const plan = planBackends({
    models: models.map((backends) => backends.map((backend) => plannable(context, backend, failed))),
    neededTokens,
    random: context.random,
  });
  if (plan.kind === "cooling") return plan;
  if (plan.kind !== "candidates") return { kind: "none" };
  const [first, ...others] = plan.order;
  return first
    ? { kind: "ask", backend: first.backend.backend, mayWait: first.isWait || others.length === 0 }
    : { kind: "none" };
}

function askOnly(context: WorkerContext, backend: ServingBackend, failed: ReadonlySet<ServingBackend>): NextCandidate {
  if (failed.has(backend)) return { kind: "none" };
  const until = restsUntil(context, backend.pool);
  return until === undefined ? { kind: "ask", backend, mayWait: true } : { kind: "cooling", until };
}

/** A backend as the plan sees it; `failed` are those that are not to be asked. */
export function plannable(
  context: WorkerContext,
  backend: ServingBackend,
  failed: ReadonlySet<ServingBackend>,
): PlannedBackend {
  const { use, weight, contextTokens } = backend;
  const coolsUntil = restsUntil(context, backend.pool);
  const state = failed.has(backend) ? "failed" : coolsUntil === undefined ? stateOf(context, backend.pool) : "cooling";
  return {
    backend,
    state,
    use,
    ...(weight === undefined ? {} : { weight }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(coolsUntil === undefined ? {} : { coolsUntil }),
  };
}

/** When the first endpoint of a pool is back; undefined while one does not rest, or there is none. */
function restsUntil(context: WorkerContext, pool: Pool): number | undefined {
  if (pool.serving.length === 0) return undefined;
  const now = context.clock.monotonic();
  let earliest = Number.POSITIVE_INFINITY;
  for (const { slot } of pool.serving) earliest = Math.min(earliest, context.cooldowns.until(slot));
  return earliest > now ? earliest : undefined;
}

function stateOf(context: WorkerContext, pool: Pool): BackendState {
  const now = context.clock.monotonic();
  let isOneFull = false;
  for (const endpoint of pool.serving) {
    if (context.cooldowns.until(endpoint.slot) > now || permissionAt(context, endpoint, now) === "refuse") continue;
    if (endpoint.ownInFlight < MAX_CONNECTIONS) return hasRoom(context, pool) ? "free" : "saturated";
    isOneFull = true;
  }
  return isOneFull ? "saturated" : "unavailable";
}
