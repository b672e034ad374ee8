// How many replicas there are in a run: asks the scaler at its period, starts replicas that are ready after the cold start, drains the ones
// that are no longer wanted, and counts what was paid for.
import { sumPoolLoad, type LoadPart } from "@flyball/traffic";
import { EVENT, type Run } from "../pool/run.ts";
import type { Replica } from "../pool/replica.ts";
import type { ScalePlan, ScaleView } from "./scaler.ts";

/** The size of the pool of one run. */
export interface PoolSize {
  readonly actions: number;
  countArrival(): void;
  decide(now: number): void;
  becomeReady(replica: number, now: number): void;
  /** A drained replica is empty. */
  retire(replica: Replica, now: number): void;
  replicaHours(now: number): number;
}

/** Without a plan all replicas serve from the start to the end. */
export function createPoolSize(run: Run, plan: ScalePlan | undefined): PoolSize {
  const { replicas, policy, heap } = run;
  let arrived = 0;
  let actions = 0;
  let paidMs = 0;
  let paidUntil = 0;
  /** When a starting replica is ready; one that was given up and started again has a later event. */
  const readyAt = replicas.map(() => 0);

  function pay(now: number): void {
    const paid = replicas.filter(({ state }) => state !== "off").length;
    paidMs += paid * (now - paidUntil);
    paidUntil = now;
  }

  if (plan !== undefined) {
    for (let index = plan.initial; index < replicas.length; index += 1) {
      (replicas[index] as Replica).state = "off";
      policy.setServing(index, false, 0);
    }
    heap.push(plan.scaler.periodMs, EVENT.scale, 0);
  }

  return {
    get actions() {
      return actions;
    },
    countArrival() {
      arrived += 1;
    },
    decide(now) {
      if (plan === undefined) return;
      pay(now);
      const desired = plan.scaler.desired(viewOf(run, plan, { now, arrived }));
      arrived = 0;
      const wanted = Math.min(plan.max, Math.max(plan.min, Math.ceil(desired)));
      const have = replicas.filter(({ state }) => state === "serving" || state === "starting").length;
      if (wanted !== have) actions += 1;
      for (const index of grow(run, wanted - have, now)) {
        readyAt[index] = now + plan.coldStartMs;
        heap.push(now + plan.coldStartMs, EVENT.ready, index);
      }
      shrink(run, have - wanted, now);
      heap.push(now + plan.scaler.periodMs, EVENT.scale, 0);
    },
    becomeReady(index, now) {
      const replica = replicas[index] as Replica;
      if (replica.state !== "starting" || now < (readyAt[index] as number)) return;
      pay(now);
      replica.state = "serving";
      policy.setServing(index, true, now);
    },
    retire(replica, now) {
      pay(now);
      replica.state = "off";
    },
    replicaHours(now) {
      pay(now);
      return paidMs / 3_600_000;
    },
  };
}

/** Takes draining ones back, then starts others; gives those that are to become ready. */
function grow({ replicas, policy }: Run, count: number, now: number): readonly number[] {
  const started: number[] = [];
  let missing = count;
  for (const wanted of ["draining", "off"] as const) {
    for (const [index, replica] of replicas.entries()) {
      if (missing <= 0 || replica.state !== wanted) continue;
      missing -= 1;
      replica.state = wanted === "draining" ? "serving" : "starting";
      if (wanted === "draining") policy.setServing(index, true, now);
      else started.push(index);
    }
  }
  return started;
}

/** Gives up those that are not ready yet, then drains the least used. */
function shrink({ replicas, policy }: Run, count: number, now: number): void {
  let left = count;
  const byUse = [...replicas.keys()].toReversed().toSorted((a, b) => useOf(replicas, a) - useOf(replicas, b));
  for (const index of byUse) {
    const replica = replicas[index] as Replica;
    if (left <= 0 || (replica.state !== "serving" && replica.state !== "starting")) continue;
    left -= 1;
    replica.state = useOf(replicas, index) <= 0 ? "off" : "draining";
    policy.setServing(index, false, now);
  }
}

function viewOf(
  { replicas, policy }: Run,
  { coldStartMs }: ScalePlan,
  { now, arrived }: { readonly now: number; readonly arrived: number },
): ScaleView {
  const serving = replicas.filter(({ state }) => state === "serving");
  const parts = serving.map(({ batch, profile: { maxConcurrency } }): LoadPart => {
    const inFlight = batch.running + batch.waiting;
    return { inFlight, load: inFlight / maxConcurrency, slots: maxConcurrency, weight: 1 };
  });
  const requestLoad = sumPoolLoad(parts, policy.queued);
  return {
    now,
    ready: serving.length,
    starting: replicas.filter(({ state }) => state === "starting").length,
    load: policy.poolLoad?.(now) ?? requestLoad,
    requestLoad,
    arrived,
    coldStartMs,
  };
}

function useOf(replicas: readonly Replica[], index: number): number {
  const { state, batch } = replicas[index] as Replica;
  return state === "starting" ? -1 : batch.running + batch.waiting;
}
