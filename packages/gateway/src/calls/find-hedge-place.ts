// Where a second attempt beside a late first one would go.
import { hasRoom } from "../stages/place.ts";
import { isFree } from "../stages/who-may-be-asked.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import { withMember, type CallRun } from "./call-run.ts";
import type { HedgePlace } from "./hedge-call.ts";
import { nextCandidate } from "./plan-candidates.ts";

/** The best other place that is free: another endpoint of the same backend, else the backend that would be next. */
export function findHedgePlace(
  { call, done, tried, exchange }: CallRun,
  { backend, endpoint }: { readonly backend: ServingBackend; readonly endpoint: Endpoint },
): HedgePlace | undefined {
  const { serving } = backend.pool;
  const { context } = exchange;
  const own =
    hasRoom(context, backend.pool) &&
    serving.find((other) => other !== endpoint && !tried.has(other) && isFree(context, other));
  if (own) return { backend, endpoint: own };
  const next = nextCandidate(call, withMember(done, backend), undefined);
  if (next.kind !== "ask" || !hasRoom(context, next.backend.pool)) return undefined;
  const other = next.backend.pool.serving.find((each) => isFree(context, each));
  return other && { backend: next.backend, endpoint: other };
}
