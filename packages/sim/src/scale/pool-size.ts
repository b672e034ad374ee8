// How many replicas there are in a run: asks the scaler at its period, starts replicas that are ready after the cold start, drains the ones
// that are no longer wanted, and counts what was paid for.
import { EVENT, type Run } from "../pool/run.ts";
import type { Replica } from "../pool/replica.ts";
import type { ScalePlan } from "./scaler.ts";

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

  function setWanted(wanted: number, { coldStartMs }: ScalePlan, now: number): void {
    let have = replicas.filter(({ state }) => state === "serving" || state === "starting").length;
    if (wanted !== have) actions += 1;
    for (let index = 0; index < replicas.length && have < wanted; index += 1) {
      const replica = replicas[index] as Replica;
      if (replica.state === "draining") {
        replica.state = "serving";
        policy.setServing(index, true, now);
      } else if (replica.state === "off") {
        replica.state = "starting";
        readyAt[index] = now + coldStartMs;
        heap.push(now + coldStartMs, EVENT.ready, index);
      } else continue;
      have += 1;
    }
    // Those that are not ready yet go first: they serve nobody.
    const byUse = [...replicas.keys()].toReversed().toSorted((a, b) => useOf(replicas, a) - useOf(replicas, b));
    for (const index of byUse) {
      if (have <= wanted) break;
      const replica = replicas[index] as Replica;
      if (replica.state !== "serving" && replica.state !== "starting") continue;
      have -= 1;
      const isIdle = replica.state === "starting" || replica.batch.running + replica.batch.waiting === 0;
      replica.state = isIdle ? "off" : "draining";
      policy.setServing(index, false, now);
    }
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
      const serving = replicas.filter(({ state }) => state === "serving");
      const desired = plan.scaler.desired({
        now,
        ready: serving.length,
        starting: replicas.filter(({ state }) => state === "starting").length,
        gatewayQueued: policy.queued,
        gatewayBacklogMs: policy.backlogMs?.() ?? 0,
        engines: serving.map(({ batch, profile }) => ({
          running: batch.running,
          waiting: batch.waiting,
          kvShare: batch.kvTokens / profile.kvCapacityTokens,
          maxConcurrency: profile.maxConcurrency,
        })),
        arrived,
      });
      arrived = 0;
      setWanted(Math.min(plan.max, Math.max(plan.min, Math.ceil(desired))), plan, now);
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

function useOf(replicas: readonly Replica[], index: number): number {
  const { state, batch } = replicas[index] as Replica;
  return state === "starting" ? -1 : batch.running + batch.waiting;
}
