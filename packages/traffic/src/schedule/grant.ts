// What comes of a decision: who may start and where, with the evidence for it.
import type { ScheduledRequest } from "./scheduled-request.ts";

/**
 * Why one was granted before the others: its deadline; its tenant was owed it; it had least work, or the first key of another order; it was
 * its tenant's oldest; it had claimed the endpoint; or it was the first in order that fitted.
 */
export type GrantReason = "deadline" | "owed" | "first" | "oldest" | "claim" | "fits";

/** A request that may start now. Its place is reserved until `end`, `cancel` or `recall`. */
export interface Grant {
  readonly request: ScheduledRequest;
  /** Number of the endpoint. */
  readonly endpoint: number;
  /** Prompt tokens that the endpoint probably has in its cache. */
  readonly cachedTokens: number;
  /** Why this one of those who waited. */
  readonly reason: GrantReason;
  /** How long it waited here, ms. */
  readonly waitedMs: number;
  /** What ordered it within its tenant, lower first: for an engine's own priority too. */
  readonly key: number;
  /** Why this endpoint: how many had room and were as good for its prompt, and the own load of the chosen one with the request on it. */
  readonly candidates: number;
  readonly loadAfter: number;
}
