// What the requests of one client or tenant met, and how evenly they were treated.
import { quantileOf } from "./quantile.ts";

/** One group of requests. */
export interface GroupSummary {
  readonly requests: number;
  /** Held back by the router, ms: from the arrival to the last dispatch. */
  readonly meanWaitMs: number;
  readonly maxWaitMs: number;
  /** First token, ms. */
  readonly meanTtftMs: number;
  readonly p99TtftMs: number;
  /** Mean of latency ÷ latency alone on an engine. */
  readonly slowdown: number;
  /** Tokens read and written, an output token counted twice. */
  readonly service: number;
}

/** Collects one group. */
export interface GroupTally {
  add(facts: { waitMs: number; ttftMs: number; slowdown: number; service: number }): void;
  summary(): GroupSummary;
}

/** An empty group. */
export function createGroupTally(): GroupTally {
  const ttfts: number[] = [];
  let waitMs = 0;
  let maxWaitMs = 0;
  let ttftMs = 0;
  let slowdown = 0;
  let service = 0;
  return {
    add(facts) {
      ttfts.push(facts.ttftMs);
      waitMs += facts.waitMs;
      maxWaitMs = Math.max(maxWaitMs, facts.waitMs);
      ttftMs += facts.ttftMs;
      slowdown += facts.slowdown;
      service += facts.service;
    },
    summary() {
      const requests = ttfts.length;
      const sorted = Float64Array.from(ttfts).toSorted();
      return {
        requests,
        meanWaitMs: waitMs / requests,
        maxWaitMs,
        meanTtftMs: ttftMs / requests,
        p99TtftMs: quantileOf(sorted, 0.99),
        slowdown: slowdown / requests,
        service,
      };
    },
  };
}

/** Jain's index: 1 when all are equal, 1/n when one has everything. 1 of none. */
export function jainIndex(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value * value, 0);
  return squares === 0 ? 1 : (sum * sum) / (values.length * squares);
}
