// The simulation: requests of a trace, a router under test, replicas that batch. Time jumps from event to event; nothing is random but what
// the seed says, so two policies given the same seed meet the same arrivals, step noise and faults.
import { createEventHeap } from "./event/event-heap.ts";
import { OBJECTIVES, type Objective } from "./metrics/objective.ts";
import { createOutcomes, type Outcomes } from "./metrics/outcomes.ts";
import { createReplica, type Replica, type ReplicaSpec } from "./pool/replica.ts";
import { EVENT, finishStep, meet, pump, reach, strike, type Run } from "./pool/run.ts";
import type { Fault } from "./pool/fault.ts";
import type { PolicySpec, World } from "./policy/policy.ts";
import { createSeededRandom, deriveSeed } from "./random/seeded-random.ts";
import { createPoolSize, type PoolSize } from "./scale/pool-size.ts";
import type { ScalePlan } from "./scale/scaler.ts";
import type { TraceRequest } from "./trace/trace-request.ts";

/** One run. */
export interface SimulationInput {
  /** By arrival; `id` is the place in the list. */
  readonly requests: readonly TraceRequest[];
  /** Ended before the first arrival; policies may learn from them. */
  readonly history?: readonly TraceRequest[];
  readonly replicas: readonly ReplicaSpec[];
  readonly policy: PolicySpec;
  readonly seed: number;
  /** Requests that arrive in [fromMs, toMs) are judged; the run ends when the last of them has ended. All, if left out. */
  readonly judged?: { readonly fromMs: number; readonly toMs: number };
  /** From the router to an engine, ms; 1 if left out. */
  readonly networkMs?: number;
  readonly faults?: readonly Fault[];
  /** With it `replicas` are all that there may be. */
  readonly scale?: ScalePlan;
  /** The workload's objective, as far as an operator tells a router of it; the standard one if left out. */
  readonly objective?: Objective;
  /** Tokens of one prefix block of the requests; 0: none. */
  readonly blockTokens?: number;
}

/** What came of it. */
export interface SimulationResult {
  readonly outcomes: Outcomes;
  /** Ms at which the last judged request had ended. */
  readonly endedAt: number;
  readonly enginePreemptions: number;
  readonly engineSteps: number;
  /** Replicas × hours that were paid for. */
  readonly replicaHours: number;
  /** Changes of the wanted number of replicas. */
  readonly scaleActions: number;
}

/** Runs it to the end of the last judged request. */
export function simulate(input: SimulationInput): SimulationResult {
  const { requests, faults = [] } = input;
  const run = createRun(input);
  const { heap, policy } = run;
  for (const [index, fault] of faults.entries()) heap.push(fault.at, EVENT.fault, index);
  if (policy.tickMs > 0) heap.push(0, EVENT.tick, 0);
  const size = createPoolSize(run, input.scale);
  run.retire = size.retire;
  let arrived = 0;
  let now = 0;
  while (run.judgedLeft > 0) {
    const request = requests[arrived];
    if (request !== undefined && request.arrivedAt <= heap.nextAt) {
      now = request.arrivedAt;
      arrived += 1;
      size.countArrival();
      meet(run, request, now);
      continue;
    }
    now = heap.nextAt;
    if (!heap.pop()) break;
    happen(run, size, faults, now);
  }
  return {
    outcomes: run.outcomes,
    endedAt: now,
    enginePreemptions: sum(run.replicas, (replica) => replica.batch.preemptions),
    engineSteps: sum(run.replicas, (replica) => replica.batch.steps),
    replicaHours: size.replicaHours(now),
    scaleActions: size.actions,
  };
}

function happen(run: Run, size: PoolSize, faults: readonly Fault[], now: number): void {
  const { heap, policy } = run;
  const { kind, index } = heap;
  if (kind === EVENT.step) {
    finishStep(run, index, now);
  } else if (kind === EVENT.reach) {
    reach(run, index, now);
  } else if (kind === EVENT.tick) {
    policy.tick(now);
    pump(run, now);
    heap.push(now + policy.tickMs, EVENT.tick, 0);
  } else if (kind === EVENT.fault) {
    strike(run, faults[index] as Fault, now);
  } else if (kind === EVENT.arrive) {
    policy.arrive(run.requests[index] as TraceRequest, now);
    pump(run, now);
  } else if (kind === EVENT.scale) {
    size.decide(now);
  } else {
    size.becomeReady(index, now);
    pump(run, now);
  }
}

function createRun(input: SimulationInput): Run {
  const { requests, seed, judged, policy: spec } = input;
  const enginePolicy = spec.usesEnginePriority === true ? "priority" : "fcfs";
  const replicas = input.replicas.map((replica, index) =>
    createReplica(replica, enginePolicy, createSeededRandom(deriveSeed(seed, `steps ${index}`))),
  );
  const isJudged = (request: TraceRequest): boolean =>
    judged === undefined || (request.arrivedAt >= judged.fromMs && request.arrivedAt < judged.toMs);
  const outcomes = createOutcomes(requests.length);
  const world = createWorld(input, replicas, outcomes);
  return {
    requests,
    replicas,
    outcomes,
    isJudged,
    isInEngines: spec.isInEngines === true,
    priorities: new Float64Array(requests.length),
    heap: createEventHeap(),
    networkMs: input.networkMs ?? 1,
    retire: () => {},
    policy: spec.create(world, (id) => (requests[id] as TraceRequest).outputTokens),
    judgedLeft: requests.filter(isJudged).length,
  };
}

function createWorld(input: SimulationInput, replicas: readonly Replica[], outcomes: Outcomes): World {
  return {
    replicas: input.replicas.map(({ profile, handWeight = 1 }) => ({
      maxConcurrency: profile.maxConcurrency,
      maxTokensPerStep: profile.maxTokensPerStep,
      kvCapacityTokens: profile.kvCapacityTokens,
      handWeight,
    })),
    tpotObjectiveMs: input.objective?.tpotMs ?? OBJECTIVES.standard.tpotMs,
    blockTokens: input.blockTokens ?? 0,
    history: input.history ?? [],
    random: createSeededRandom(deriveSeed(input.seed, "ties")),
    metrics(replica) {
      const { batch } = replicas[replica] as Replica;
      const { running, waiting, kvTokens, preemptions } = batch;
      return { running, waiting, kvTokens, preemptions };
    },
    isStepping: (replica) => (replicas[replica] as Replica).isStepping,
    delivered({ id }) {
      const replica = replicas[outcomes.replica[id] as number];
      const sequence = replica?.sequence(id);
      return replica === undefined || sequence === undefined ? 0 : replica.batch.generated(sequence);
    },
  };
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
