// A pool under a scaler, event by event: requests come by a rate that changes, wait in one queue for a free place, and take a random time.
// Replicas serve a cold start after they were wanted and finish what they have when they go. Enough to compare scalers; the engines of the
// simulator are not needed for that.
import type { PoolSample, ReplicaFacts } from "../pool-sample.ts";
import type { ReplicaChange } from "../count-flaps.ts";

/** What is simulated. Times are milliseconds. */
export interface PoolScenario {
  readonly durationMs: number;
  /** Requests a second at that time. */
  readonly rate: (at: number) => number;
  /** Mean time that a request takes a place (exponential). */
  readonly serviceMs: number;
  /** Places of a replica. */
  readonly concurrency: number;
  readonly coldStartMs: number;
  /** A request that has waited longer than this misses its objective. */
  readonly objectiveMs: number;
  readonly initial: number;
  readonly random: () => number;
}

/** Any scaler. */
export interface AnyScaler {
  add(sample: PoolSample): void;
  decide(facts: ReplicaFacts): number;
}

/** How it went. */
export interface PoolOutcome {
  readonly requests: number;
  /** Share of requests within the objective. */
  readonly attainment: number;
  readonly replicaHours: number;
  readonly changes: readonly ReplicaChange[];
  readonly most: number;
}

const STEP_MS = 10;
const SAMPLE_MS = 1_000;

/** Runs it in steps of 10 ms. */
export function simulatePool(scenario: PoolScenario, scaler: AnyScaler): PoolOutcome {
  const { serviceMs, concurrency, coldStartMs, random } = scenario;
  const exponential = (mean: number): number => -mean * Math.log(1 - random());
  const ready: number[] = Array.from({ length: scenario.initial }, () => 0);
  const ends: number[] = [];
  const queue: number[] = [];
  const changes: ReplicaChange[] = [];
  let [requests, inTime, replicaMs, most] = [0, 0, 0, scenario.initial];
  let [loadSum, backlogSum, arrived, looks] = [0, 0, 0, 0];
  let next = exponential(1_000 / scenario.rate(0));
  for (let now = 0; now < scenario.durationMs; now += STEP_MS) {
    for (let index = ends.length - 1; index >= 0; index -= 1) {
      if ((ends[index] as number) <= now) ends.splice(index, 1);
    }
    while (next <= now) {
      queue.push(next);
      arrived += 1;
      next += exponential(1_000 / Math.max(1e-3, scenario.rate(now)));
    }
    const serving = ready.filter((at) => at <= now).length;
    while (queue.length > 0 && ends.length < serving * concurrency) {
      const cameAt = queue.shift() as number;
      requests += 1;
      if (now - cameAt <= scenario.objectiveMs) inTime += 1;
      ends.push(now + exponential(serviceMs));
    }
    loadSum += ends.length;
    backlogSum += queue.length;
    looks += 1;
    replicaMs += ready.length * STEP_MS;
    if (now % SAMPLE_MS !== 0 || now === 0) continue;
    scaler.add({
      at: now,
      load: loadSum / looks,
      backlog: backlogSum / looks,
      requests: (loadSum + backlogSum) / looks,
      arrived,
      refused: 0,
      capacity: serving * concurrency,
      serving,
    });
    [loadSum, backlogSum, arrived, looks] = [0, 0, 0, 0];
    const current = ready.length;
    const desired = scaler.decide({ now, current, coldStartMs, room: Infinity, mayShrink: true });
    if (desired !== current) changes.push({ at: now, from: current, to: desired });
    while (ready.length < desired) ready.push(now + coldStartMs);
    // Those that do not serve yet go first.
    ready.sort((a, b) => a - b);
    ready.length = Math.min(ready.length, desired);
    most = Math.max(most, desired);
  }
  return {
    requests,
    attainment: inTime / Math.max(1, requests + queue.length),
    replicaHours: replicaMs / 3_600_000,
    changes,
    most,
  };
}
