// How long decisions take in a full pool: each call of `grant`, and each event with all the decisions that it brings.
import { percentile } from "../../support/report.ts";
import { createBusyPool, type BusyPool, type BusyPoolOptions } from "./busy-pool.ts";

/** Microseconds of wall time; of CPU of the process, which a busy machine changes less, where it says so. */
export interface DecisionTimes {
  readonly waiting: number;
  readonly running: number;
  readonly decisions: number;
  readonly decisionP50: number;
  readonly decisionP99: number;
  readonly cpuMean: number;
  readonly eventP50: number;
  readonly eventP99: number;
}

const WARM_UP = 3_000;
const EVENTS = 20_000;

/** Measures on a pool that stays as full as it was. */
export function measureDecisions(options: BusyPoolOptions): DecisionTimes {
  const pool = createBusyPool(options);
  let now = 1_000_000;
  const run = (count: number): Times => {
    const times: Times = { decisions: [], events: [] };
    for (let event = 0; event < count; event += 1) happen(pool, options, (now += 0.5), times);
    return times;
  };
  run(WARM_UP);
  const before = process.cpuUsage();
  const { decisions, events } = run(EVENTS);
  const { user, system } = process.cpuUsage(before);
  return {
    waiting: pool.scheduler.queued,
    running: pool.running.length,
    decisions: decisions.length,
    decisionP50: percentile(decisions, 0.5),
    decisionP99: percentile(decisions, 0.99),
    cpuMean: (user + system) / decisions.length,
    eventP50: percentile(events, 0.5),
    eventP99: percentile(events, 0.99),
  };
}

interface Times {
  readonly decisions: number[];
  readonly events: number[];
}

/** One thing that happens: an end, a first token, progress of some, or an arrival. */
function happen(pool: BusyPool, { random, queued }: BusyPoolOptions, now: number, times: Times): void {
  const { scheduler, running } = pool;
  const index = Math.floor(random() * running.length);
  const request = running[index];
  const chance = random();
  const newcomer = pool.newcomer(now);
  const from = performance.now();
  if (scheduler.queued < queued) scheduler.arrive(newcomer, now);
  else if (request === undefined) return;
  else if (chance < 0.5) {
    scheduler.end(request, request.outputTokens, now);
    running[index] = running.at(-1) as typeof request;
    running.pop();
  } else if (chance < 0.75) scheduler.firstToken(request, now);
  else scheduler.progress(request, Math.floor(random() * request.outputTokens), now);
  for (;;) {
    const started = performance.now();
    const grant = scheduler.grant(now);
    times.decisions.push((performance.now() - started) * 1_000);
    if (grant === undefined) break;
    running.push(grant.request);
  }
  times.events.push((performance.now() - from) * 1_000);
}
