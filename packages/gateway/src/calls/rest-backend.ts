// A backend that asked for a rest gets it, on all workers at once.
import { needsPerson, nextCooldown, type AnswerVerdict } from "@flyball/traffic";
import type { Endpoint } from "../worker/endpoint.ts";
import type { WorkerContext } from "../worker/worker-context.ts";

/** Leaves the endpoint alone for as long as its answer means; returns until when (monotonic). */
export function restEndpoint(
  context: WorkerContext,
  endpoint: Endpoint,
  verdict: Extract<AnswerVerdict, { kind: "cool" }>,
): number {
  const now = context.clock.monotonic();
  endpoint.cooldown = nextCooldown(endpoint.cooldown, verdict, now);
  context.cooldowns.raise(endpoint.slot, endpoint.cooldown.until);
  const { reason, until } = endpoint.cooldown;
  if (verdict.reason === "rate-limited") endpoint.evidence.rateLimited += 1;
  else if (verdict.reason === "quota") endpoint.evidence.quotaSpent += 1;
  else if (needsPerson(verdict.reason)) endpoint.evidence.unusable += 1;
  context.metrics.cooldowns.series(endpoint.evidence.pool, reason).add();
  if (needsPerson(reason)) {
    const seconds = Math.round((until - now) / 1_000);
    context.logger.error("a backend cannot be used until a person acts", { endpoint: endpoint.id, reason, seconds });
  }
  return until;
}
