// How many replicas a pool should have (design §7): desired = ⌈Σ wᵢLᵢ ÷ (target · w_new)⌉, the gateway's backlog included.
//
// Up at once: what is seen over a short window counts, and over a shorter one when twice as many are needed (the panic rule of Knative's
// KPA). A pile that will be gone before a new instance could serve starts none: replicas are added for it only while draining it with those
// that are wanted already would take longer than a start.
//
// Down slowly: only what was not needed at any time of the stabilisation window goes, at most half at a time, and only if the pool's WAL
// after the removal stays well below the target. Coming back costs a start, so unless it is set the window follows the measured start.
import { createLoadHistory, type LoadHistory, type LoadMeans } from "./load-history.ts";
import { createOfferedLoadMeter } from "./offered-load.ts";
import type { PoolSample, ReplicaBounds, ReplicaFacts } from "./pool-sample.ts";

/** What somebody wants of a pool. */
export interface ScalePolicy extends ReplicaBounds {
  /** Pool WAL that is aimed at (0–1). */
  readonly target: number;
  /** Over which load is averaged. */
  readonly windowMs: number;
  /** What was not needed for this long goes; absent: one and a half starts, between one and five minutes. */
  readonly downAfterMs?: number;
}

/** Why a decision is as it is. */
export type ScaleRule =
  /** Nobody has looked yet, or not for long. */
  | "no-evidence"
  | "hold"
  /** More are needed for what comes. */
  | "load"
  /** More than twice as many are. */
  | "panic"
  /** More are needed for what has piled up. */
  | "drain"
  | "shrink"
  /** It was outside its bounds. */
  | "bounds";

/** What a decision was made on. */
export interface ScaleEvidence {
  /** Pool WAL with the backlog, over the window. */
  readonly weightedAverageLoad: number;
  /** Capacity that what comes keeps busy, and capacity of one replica. */
  readonly offered: number;
  readonly capacityEach: number;
  /** Requests that have piled up. */
  readonly excess: number;
  /** Until the pile is gone with the replicas of before; Infinity: it grows. 0: there is none. */
  readonly drainMs: number;
  readonly coldStartMs: number;
  /** As many as load alone asks for, before bounds. */
  readonly wanted: number;
  readonly windowMs: number;
}

/** A decision; `evidence` is absent only without any. */
export interface ScaleDecision {
  readonly desired: number;
  readonly rule: ScaleRule;
  /** What kept it from being higher. */
  readonly limitedBy?: "max" | "room";
  readonly evidence?: ScaleEvidence;
}

/** Decides on the replicas of one pool. */
export interface Scaler {
  /** A look at the pool, in the order of time. */
  add(sample: PoolSample): void;
  /** What should be now. The caller carries it out and says so with `current` of the next call. */
  decide(facts: ReplicaFacts): ScaleDecision;
}

/** What sums of fractions may be off by. */
const ROUNDING = 1e-9;
/** Load may be so far above its target before anything is started (HPA's tolerance). */
const TOLERANCE = 0.1;
const PANIC_FACTOR = 2;
/** The panic window is this part of the window, with so many looks in any case. */
const PANIC_PART = 0.2;
const LEAST_LOOKS = 2;
/** WAL after a removal stays below this part of the target, by the highest mean over so many windows: one lively window holds nothing. */
const SHRINK_SHARE = 0.9;
const PEAK_WINDOWS = 3;
/** Evidence that is older says nothing of now. */
const STALE_MS = 5_000;
/** A pile is to be gone within a start, but never asked to be within less. */
const LEAST_DRAIN_MS = 5_000;
const DOWN_STARTS = 1.5;
const LEAST_DOWN_MS = 60_000;
const MOST_DOWN_MS = 300_000;

/** The stabilisation window of a policy. */
export function stabilisationMs(policy: ScalePolicy, coldStartMs: number): number {
  return policy.downAfterMs ?? Math.min(MOST_DOWN_MS, Math.max(LEAST_DOWN_MS, DOWN_STARTS * coldStartMs));
}

/** A scaler that has seen nothing. Bounded: its history keeps an hour. */
export function createScaler(policy: ScalePolicy): Scaler {
  const meter = createOfferedLoadMeter();
  const history = createLoadHistory(PEAK_WINDOWS * policy.windowMs);
  let changedAt = Number.NEGATIVE_INFINITY;
  let grownAt = Number.NEGATIVE_INFINITY;
  let capacityEach = 0;
  return {
    add(sample) {
      if (sample.serving > 0 && sample.capacity > 0) capacityEach = sample.capacity / sample.serving;
      const { at, load, backlog, capacity, serving } = sample;
      history.add({ ...meter.add(sample), at, demand: load + backlog, backlog, capacity, serving });
    },
    decide(facts) {
      const decision = decide({ policy, history, capacityEach, changedAt, grownAt }, facts);
      if (decision.desired !== facts.current) changedAt = facts.now;
      if (decision.desired > facts.current) grownAt = facts.now;
      return decision;
    },
  };
}

interface ScalerState {
  readonly policy: ScalePolicy;
  readonly history: LoadHistory;
  readonly capacityEach: number;
  readonly changedAt: number;
  readonly grownAt: number;
}

function decide(state: ScalerState, facts: ReplicaFacts): ScaleDecision {
  const { policy, history, capacityEach } = state;
  const { now, current } = facts;
  const inBounds = Math.min(policy.max, Math.max(policy.min, current));
  if (inBounds > current) return grow(inBounds, { rule: "bounds", facts });
  if (inBounds < current) return { desired: inBounds, rule: "bounds", limitedBy: "max" };
  const means = history.meansSince(now - policy.windowMs);
  const isStale = now - (history.last?.at ?? Number.NEGATIVE_INFINITY) > STALE_MS;
  if (means === undefined || isStale || capacityEach === 0) return { desired: current, rule: "no-evidence" };
  const need = needOf(state, means, facts);
  const quick = history.meansSince(now - policy.windowMs * PANIC_PART, LEAST_LOOKS);
  const sudden = quick === undefined || quick.records < LEAST_LOOKS ? undefined : needOf(state, quick, facts);
  if (sudden !== undefined && sudden.exact >= PANIC_FACTOR * current) {
    return growWithin(policy, sudden, { rule: "panic", facts });
  }
  if (need.wanted > current && means.records >= LEAST_LOOKS && isAbove(need, current)) {
    return growWithin(policy, need, { rule: need.rule, facts });
  }
  return shrink(state, need, facts);
}

/** A hair above the target is no reason to start anything; a pile that does not go is. */
function isAbove({ rule, exact }: Need, current: number): boolean {
  return rule === "drain" || exact > current * (1 + TOLERANCE);
}

interface Need {
  readonly wanted: number;
  /** The same before it is rounded up. */
  readonly exact: number;
  readonly rule: "load" | "drain";
  readonly evidence: ScaleEvidence;
}

function needOf({ policy, history, capacityEach }: ScalerState, means: LoadMeans, facts: ReplicaFacts): Need {
  const { current, coldStartMs } = facts;
  const { offered, excess, demand } = means;
  const workMs = history.last?.workMs ?? 0;
  const steady = offered / (policy.target * capacityEach);
  const drainMs = drainTime({ excess, workMs, spare: current * capacityEach - offered });
  const withinMs = Math.max(LEAST_DRAIN_MS, coldStartMs);
  // Enough that the pile, spread over the time that it may take, fits beside what comes: no more than there are where it is gone by then.
  const draining = (offered + (excess * workMs) / withinMs) / capacityEach;
  const isDraining = draining > steady;
  const exact = isDraining ? draining : steady;
  const wanted = Math.ceil(exact - ROUNDING);
  const capacity = Math.max(history.last?.capacity ?? 0, capacityEach);
  return {
    wanted,
    exact,
    rule: isDraining ? "drain" : "load",
    evidence: {
      weightedAverageLoad: demand / capacity,
      offered,
      capacityEach,
      excess,
      drainMs,
      coldStartMs,
      wanted,
      windowMs: policy.windowMs,
    },
  };
}

/** A pile of `excess` requests, each of them `workMs` of capacity, drains with what capacity is left over. */
function drainTime({ excess, workMs, spare }: { excess: number; workMs: number; spare: number }): number {
  if (excess <= 0) return 0;
  return spare <= 0 ? Number.POSITIVE_INFINITY : (excess * workMs) / spare;
}

function growWithin(
  { max }: ScalePolicy,
  { wanted, evidence }: Need,
  why: { readonly rule: ScaleRule; readonly facts: ReplicaFacts },
): ScaleDecision {
  const bounded = grow(Math.min(max, wanted), why);
  const limitedBy = bounded.limitedBy ?? (wanted > max ? "max" : undefined);
  return { ...bounded, evidence, ...(limitedBy === undefined ? {} : { limitedBy }) };
}

function grow(
  wanted: number,
  { rule, facts }: { readonly rule: ScaleRule; readonly facts: ReplicaFacts },
): ScaleDecision {
  const { current, room } = facts;
  const desired = Math.max(current, Math.min(wanted, current + Math.max(0, room)));
  const held = desired === current ? "hold" : rule;
  return { desired, rule: held, ...(desired < wanted ? { limitedBy: "room" as const } : {}) };
}

function shrink(
  { policy, history, capacityEach, changedAt, grownAt }: ScalerState,
  need: Need,
  facts: ReplicaFacts,
): ScaleDecision {
  const { now, current, coldStartMs } = facts;
  const { evidence } = need;
  const held: ScaleDecision = {
    desired: current,
    rule: "hold",
    evidence,
    ...(need.wanted > policy.max ? { limitedBy: "max" as const } : {}),
  };
  const since = now - stabilisationMs(policy, coldStartMs);
  if (!facts.mayShrink || evidence.excess > 0 || need.wanted > current) return held;
  if (!history.covers(since) || grownAt > since || now - changedAt < policy.windowMs) return held;
  const peak = Math.max(history.peakSince(since), evidence.offered);
  const needed = Math.ceil(peak / (policy.target * SHRINK_SHARE * capacityEach) - ROUNDING);
  const least = Math.max(policy.min, needed);
  if (least >= current) return held;
  return { desired: Math.max(least, current - Math.max(1, Math.floor(current / 2))), rule: "shrink", evidence };
}
