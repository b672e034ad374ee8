// The rules of ordering that the queue is compared under. Keys are in ms or tokens of one kind within a rule; lower goes first.
import { workOf, type WorkRates } from "@flyball/traffic";
import type { OrderRule, Waiting } from "../order-rule.ts";

/** First come, first served. */
export const FCFS: OrderRule = { isDynamic: false, keyOf: ({ request }) => request.arrivedAt };

/** Dynamo's wspt and the engines' shortest-prefill-first: the shortest uncached prompt. */
export const SHORTEST_PROMPT: OrderRule = {
  isDynamic: false,
  keyOf: ({ uncachedTokens }) => Math.max(1, uncachedTokens),
};

/** Least work by these rates; a share of the dispatches to the oldest. */
export function leastWork(rates: WorkRates, oldestEvery = 0): OrderRule {
  return { isDynamic: false, oldestEvery, keyOf: (waiting) => workMs(rates, waiting) };
}

/** Shortest alone on an engine: prompt and steps at the least step time. What SRPT takes for a size. */
export function shortestAlone(rates: WorkRates, stepMs: number): OrderRule {
  return {
    isDynamic: false,
    keyOf: ({ uncachedTokens, estimate }) => rates.prefillMs * uncachedTokens + stepMs * estimate.p50,
  };
}

/** Earliest deadline of the whole answer: 2 s and 0.1 s for each token that is expected. */
export const EARLIEST_DEADLINE: OrderRule = {
  isDynamic: false,
  keyOf: ({ request, estimate }) => request.arrivedAt + 2_000 + 100 * estimate.p50,
};

/** SGLang's hrrn: the highest (waited + size) ÷ size, size being the time to read the uncached prompt. */
export function highestResponseRatio(rates: WorkRates): OrderRule {
  return {
    isDynamic: true,
    keyOf({ request, uncachedTokens }, now) {
      const sizeMs = rates.prefillMs * Math.max(1, uncachedTokens);
      return -(now - request.arrivedAt + sizeMs) / sizeMs;
    },
  };
}

/** Prompts whose reading takes no longer than this join the first queue; each further one is for twice as long. */
const FIRST_QUANTUM_MS = 32;
/** Waiting for so long lifts a request by one queue, FastServe's guard against starvation. */
const LIFT_MS = 5_000;

/** FastServe's skip-join multi-level queue without preemption of tokens: the level from the prompt, first come first served in it. */
export function multiLevelQueue(rates: WorkRates): OrderRule {
  return {
    isDynamic: true,
    keyOf({ request, uncachedTokens }, now) {
      const joined = Math.ceil(Math.log2(Math.max(1, (rates.prefillMs * uncachedTokens) / FIRST_QUANTUM_MS)));
      const level = Math.max(0, joined - Math.floor((now - request.arrivedAt) / LIFT_MS));
      return level * 1e12 + request.arrivedAt;
    },
  };
}

/** γ-boost (UniBoost): arrival − (1/γ)·ln(1/(1 − e^(−γ·s))) with γ per second and s the predicted work in seconds. */
export function gammaBoost(rates: WorkRates, gammaPerSecond: number): OrderRule {
  return {
    isDynamic: false,
    keyOf(waiting) {
      const left = -Math.expm1(-gammaPerSecond * (workMs(rates, waiting) / 1_000));
      return waiting.request.arrivedAt - (1_000 / gammaPerSecond) * Math.log(1 / Math.max(Number.MIN_VALUE, left));
    },
  };
}

function workMs(rates: WorkRates, { request, uncachedTokens, estimate }: Waiting): number {
  return workOf(rates, uncachedTokens, request.inputTokens, estimate.p50);
}
