// Which endpoint of a pool gets the next attempt: breakers say who may, the balancer says who is best. A place is taken in the same
// step as it is chosen.
import {
  chooseLeastOwnLoad,
  chooseOfTwo,
  nextProbeAt,
  onProbeSent,
  permissionOf,
  selectEndpoints,
} from "@flyball/traffic";
import { MAX_CONNECTIONS } from "../upstream/max-connections.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import type { WorkerContext } from "../worker/worker-context.ts";

/** The endpoint with a place taken on it, or why there is none. */
export type Placement =
  | { readonly kind: "placed"; readonly endpoint: Endpoint }
  /** Every endpoint has as many requests as it may have connections. */
  | { readonly kind: "full" }
  /** None is there, or all were tried and wait for their probe. */
  | { readonly kind: "none" };

const FULL: Placement = { kind: "full" };
const NONE: Placement = { kind: "none" };

/** Chooses among the serving endpoints; ones in `tried` only when no other is left. */
export function place(context: WorkerContext, pool: Pool, tried: ReadonlySet<Endpoint> | undefined): Placement {
  const candidates = pool.serving;
  if (candidates.length === 0) return NONE;
  let isPlain = tried === undefined || tried.size === 0;
  for (const endpoint of candidates) {
    endpoint.inFlight = context.inFlight.total(endpoint.slot);
    if (endpoint.breaker.kind !== "closed" || endpoint.ownInFlight >= MAX_CONNECTIONS) {
      isPlain = false;
    }
  }
  return isPlain ? choose(context, candidates) : placeCarefully(context, candidates, tried);
}

/** When an ejected endpoint of the pool may be probed next; Infinity when none is ejected. */
export function earliestProbeAt(pool: Pool): number {
  let earliest = Number.POSITIVE_INFINITY;
  for (const { breaker } of pool.serving) {
    const at = nextProbeAt(breaker);
    if (at !== Number.NEGATIVE_INFINITY && at < earliest) earliest = at;
  }
  return earliest;
}

function placeCarefully(
  context: WorkerContext,
  candidates: readonly Endpoint[],
  tried: ReadonlySet<Endpoint> | undefined,
): Placement {
  const now = context.clock.monotonic();
  const open = candidates.filter(({ ownInFlight }) => ownInFlight < MAX_CONNECTIONS);
  if (open.length === 0) return FULL;
  const selection = selectEndpoints(
    open.map((endpoint) => ({
      permission: permissionOf(endpoint.breaker, now),
      wasTried: tried?.has(endpoint) ?? false,
    })),
  );
  switch (selection.kind) {
    case "probe": {
      const endpoint = open[selection.index] as Endpoint;
      endpoint.breaker = onProbeSent(endpoint.breaker, now);
      return take(context, endpoint);
    }
    case "choose":
      return choose(
        context,
        selection.indices.map((index) => open[index] as Endpoint),
      );
    case "none": {
      const again = open.filter(({ breaker }) => permissionOf(breaker, now) === "send");
      return choose(context, again);
    }
    default:
      return selection satisfies never;
  }
}

function choose(context: WorkerContext, candidates: readonly Endpoint[]): Placement {
  const index =
    context.workerCount > 1 ? chooseOfTwo(candidates, context.random) : chooseLeastOwnLoad(candidates, context.random);
  const endpoint = candidates[index];
  return endpoint ? take(context, endpoint) : NONE;
}

function take(context: WorkerContext, endpoint: Endpoint): Placement {
  if (!context.inFlight.acquire(context.workerIndex, endpoint.slot)) return NONE;
  endpoint.ownInFlight += 1;
  return { kind: "placed", endpoint };
}
