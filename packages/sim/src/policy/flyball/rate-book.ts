// What a gateway learns of each replica from the answers that pass through it: what its tokens cost, and how many requests it should have at once.
import {
  createCapLearner,
  createEndpointCap,
  createGapChooser,
  createWorkLearner,
  DEFAULT_WORK_RATES,
  NO_LIMIT,
  MOST_CAP,
  type CapLearner,
  type GapLook,
  type WorkLearner,
  type WorkRates,
} from "@flyball/traffic";
import type { World } from "../policy.ts";

/** One look at the tokens that a replica writes. */
export interface TokenGap extends GapLook {
  /** Requests that are in flight there. */
  readonly active: number;
}

/** What was learned of all replicas. */
export interface RateBook {
  rates(replica: number): WorkRates;
  cap(replica: number): number;
  /** What requests are measured by: the mean of the replicas. */
  readonly reference: WorkRates;
  addFirstToken(replica: number, uncachedTokens: number, ttftMs: number): void;
  addTokenGap(replica: number, gap: TokenGap, now: number): void;
  /** Reads the engines' metrics, and takes what was learned into the rates. */
  refresh(now: number): void;
}

/** Whether requests at once are the engine's own limit, learned below it, or learned as a gateway does to which nobody has said anything. */
export type CapLearning = "engines-own" | "below-it" | "as-shipped";

/** A replica is never held below so many requests. */
const LEAST_CAP = 4;

/** Believes the usual rates, and the engine's own limit unless it ships without that, until it has seen better. */
export function createRateBook(world: World, learning: CapLearning): RateBook {
  const learners: readonly WorkLearner[] = world.replicas.map(() => createWorkLearner(DEFAULT_WORK_RATES));
  const choosers = learners.map(createGapChooser);
  const caps: readonly CapLearner[] = world.replicas.map(({ maxConcurrency }) => {
    if (learning === "as-shipped") return createEndpointCap(undefined);
    const minimum = Math.min(LEAST_CAP, maxConcurrency);
    const bounds = { minimum, maximum: maxConcurrency, initial: maxConcurrency };
    return createCapLearner({ bounds, itlObjectiveMs: world.tpotObjectiveMs });
  });
  const rates: WorkRates[] = world.replicas.map(() => DEFAULT_WORK_RATES);
  let reference = DEFAULT_WORK_RATES;
  const capOf = (replica: number): number => {
    if (learning === "engines-own") return world.replicas[replica]?.maxConcurrency ?? 1;
    const cap = caps[replica]?.cap ?? 1;
    return cap >= MOST_CAP ? NO_LIMIT : cap;
  };
  return {
    rates: (replica) => rates[replica] as WorkRates,
    cap: capOf,
    get reference() {
      return reference;
    },
    addFirstToken: (replica, uncachedTokens, ttftMs) => learners[replica]?.addFirstToken(uncachedTokens, ttftMs),
    addTokenGap(replica, gap, now) {
      const { itlMs, running, active } = gap;
      choosers[replica]?.add(gap);
      // A look stands for as many gaps as tokens came in it, and looks are equally long.
      caps[replica]?.addTokenGap(itlMs, { running, active, gaps: running / itlMs }, now);
    },
    refresh(now) {
      for (const [replica, learner] of learners.entries()) {
        caps[replica]?.addScrape(world.metrics(replica), now);
        rates[replica] = learner.rates(capOf(replica));
      }
      reference = {
        prefillMs: meanOf(rates, ({ prefillMs }) => prefillMs),
        decodeMs: meanOf(rates, ({ decodeMs }) => decodeMs),
        contextMs: meanOf(rates, ({ contextMs }) => contextMs),
      };
    },
  };
}

function meanOf(rates: readonly WorkRates[], part: (rates: WorkRates) => number): number {
  return rates.reduce((sum, rate) => sum + part(rate), 0) / Math.max(1, rates.length);
}
