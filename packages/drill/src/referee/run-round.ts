// One run: load, steady state, the moment, the fault, its end, and what was left behind. Whatever goes wrong on the way, the fault is undone.
import type { AppEvent, AppStatus, Incident } from "@flyball/core";
import type { InjectedFault, Injector, Victim } from "../injector.ts";
import type { FaultDefinition, Injection } from "../fault.ts";
import { createChangeInjector, type ChangeMaker } from "./change-injector.ts";
import { chooseVictim } from "./choose-victim.ts";
import type { ControlReader } from "./control-reader.ts";
import { findVictims } from "./find-victims.ts";
import { judgeAway } from "./judge-away.ts";
import { createLoadInjector } from "./load-injector.ts";
import { watchMachine, type MachineReport } from "./machine-watch.ts";
import { startOpenLoop } from "./open-loop.ts";
import type { PlannedRun } from "./plan-runs.ts";
import type { RefereeOrder, RunPhase } from "./referee-order.ts";
import { isServed, type RequestRecord } from "./request-record.ts";
import type { RunHands } from "./run-hands.ts";
import type { OpenRun, RunOutcome, RunRecord, VictimRecord } from "./run-record.ts";
import { createSeededRandom } from "./seeded-random.ts";
import { createSender } from "./send-request.ts";
import { untilSteady } from "./steady-state.ts";
import { watchArrivals } from "./watch-arrivals.ts";
import { readWorkers, watchWorkers } from "./watch-workers.ts";
import { now, pause, untilEnded, untilGood, watchControl, type Watch } from "./watch-run.ts";

/** What a run needs. */
export interface RoundOptions {
  readonly order: RefereeOrder;
  readonly planned: PlannedRun;
  readonly hands: RunHands;
  readonly control: ControlReader;
  readonly signal: AbortSignal;
  /** Absent: the app may not be changed. */
  readonly changes: ChangeMaker | undefined;
  readonly onPhase: (phase: RunPhase, detail: string) => void;
}

/** Requests before the injection that may fail: one in so many. */
const FEW = 100;

/** Runs it. Rejects with the signal's reason once the fault is undone. */
export async function runRound(options: RoundOptions): Promise<RunRecord> {
  const { order, planned, control, signal, onPhase } = options;
  const { limits, perSecond } = order;
  const run = newRun(planned, order);
  const sender = createSender(limits.requestTimeoutMs, now);
  const loop = startOpenLoop({ requests: order.requests, perSecond, sender, now });
  let known = { incidents: new Set<string>(), lastEvent: 0 };
  try {
    onPhase("steady", "");
    const steady = await untilSteady(control, limits.patienceMs, signal);
    if ("reason" in steady) {
      run.outcome = { kind: "unhealthy", reason: steady.reason };
    } else {
      known = { incidents: new Set(steady.incidents.map(({ id }) => id)), lastEvent: steady.lastEvent };
      run.replicas = Object.fromEntries(steady.status.services.map(({ service, desired }) => [service, desired]));
      run.loadFrom = now();
      await measure(run, { ...options, loop, steady: steady.status });
    }
  } finally {
    run.loadUntil = now();
    const all = await loop.stop();
    run.requests = all.filter(({ sentAt }) => sentAt >= run.loadFrom).toSorted((a, b) => a.id - b.id);
    sender.close();
  }
  onPhase("reading", "");
  const left = await readLeft(control, known);
  return { ...run, ...left, endedAt: now() };
}

function newRun({ index, seed, fault }: PlannedRun, { perSecond, limits }: RefereeOrder): OpenRun {
  return {
    index,
    seed,
    ...(fault === undefined ? {} : { fault: fault.id }),
    outcome: { kind: "measured" },
    loadFrom: now(),
    loadUntil: now(),
    endedAt: 0,
    perSecond,
    goodWindowMs: limits.goodWindowMs,
    replicas: {},
    requests: [],
    incidents: [],
    events: [],
  };
}

type Round = RoundOptions & Pick<Watch, "loop"> & { readonly steady: AppStatus };

async function measure(run: OpenRun, options: Round): Promise<void> {
  const { order, planned, hands, steady } = options;
  if (planned.fault?.expect.awayShare === undefined) return await measureLoad(run, options);
  const arrivals = watchArrivals(steady, order, { hands, now });
  run.arrivals = arrivals.samples;
  try {
    await measureLoad(run, options);
  } finally {
    arrivals.stop();
  }
}

async function measureLoad(run: OpenRun, options: Round): Promise<void> {
  const { order, planned, hands, loop, signal, onPhase, control } = options;
  const { limits, perSecond } = order;
  if (planned.fault?.needs.includes("workers") && order.gatewayWorkers < 2) {
    run.outcome = { kind: "skipped", reason: { code: "no-workers", workers: order.gatewayWorkers } };
    return;
  }
  const random = createSeededRandom(planned.seed);
  onPhase("load", "");
  const machine = watchMachine();
  await pause(limits.beforeMs * (1 + random()), signal);
  run.machine = machine.stop();
  const unfit =
    unfitReason(run.machine, limits) ?? notServed(loop.ended.filter(({ sentAt }) => sentAt >= run.loadFrom));
  if (unfit !== undefined) {
    run.outcome = unfit;
    return;
  }
  if (planned.fault === undefined) {
    run.injectedAt = now();
    await untilGood(run, options);
    return;
  }
  const status = await control.status();
  const chosen = chooseVictim(planned.fault, status, { facts: order.facts, random });
  if ("reason" in chosen) {
    run.outcome = { kind: "skipped", reason: chosen.reason };
    return;
  }
  const victims = await findVictims(chosen, order, hands);
  run.victim = victimRecord(victims, planned.fault);
  const own = [
    createLoadInjector({ loop, perSecond, now }),
    createChangeInjector("release", options.changes),
    createChangeInjector("upgrade", options.changes),
  ];
  const injectors = hands.injectors(own, order.faultFolder);
  await injectAndWatch(run, { ...options, fault: planned.fault, victims, status, injectors });
}

async function injectAndWatch(
  run: OpenRun,
  options: Round & {
    readonly fault: FaultDefinition;
    readonly victims: readonly Victim[];
    readonly status: AppStatus;
    readonly injectors: readonly Injector[];
  },
): Promise<void> {
  const { fault, victims, injectors, status, signal, onPhase } = options;
  const injector = injectors.find(({ kind }) => kind === fault.injection.kind);
  const order = { fault: fault.id, injection: fault.injection, leaseMs: fault.leaseMs };
  const reasons = injector ? await Promise.all(victims.map((victim) => injector.whyNot(order, victim))) : [];
  const reason = reasons.find((each) => each !== undefined);
  if (injector === undefined || reason !== undefined) {
    const why = reason ?? ({ code: "no-injector", kind: fault.injection.kind } as const);
    run.outcome = { kind: "skipped", reason: { code: "cannot-inject", why } };
    return;
  }
  const workers = fault.victim === "gateway-worker" ? { status, before: await readWorkers(status) } : undefined;
  const injected: InjectedFault[] = [];
  try {
    for (const victim of victims) injected.push(await injector.inject(order, victim, signal));
    run.injectedAt = Math.min(...injected.map(({ injectedAt }) => injectedAt));
    onPhase("injected", victimText(run.victim));
    if (fault.victim === "keeper") return await untilEnded(run, options);
    if (fault.victim === "control") void watchControl(run, options);
    if (workers !== undefined) void watchWorkers(run, options, workers);
    const isAway = (): boolean => fault.expect.awayShare === undefined || hasGoneAway(run, fault.expect.awayShare);
    await untilGood(run, options, {
      leaseMs: fault.leaseMs,
      leastMs: fault.expect.detectMs ?? 0,
      isAway,
      isHopeless: fault.expect.trafficMs === undefined,
      loadFactor: loadFactorOf(fault.injection),
    });
  } finally {
    await Promise.all(injected.map((each) => each.undo()));
    run.undoneAt = now();
  }
  onPhase("undone", "");
  await untilGood(run, options, { from: run.undoneAt });
}

function hasGoneAway({ arrivals, victim, injectedAt, goodWindowMs }: OpenRun, awayShare: number): boolean {
  if (!arrivals || !victim || injectedAt === undefined) return true;
  const question = { samples: arrivals, victim, injectedAt, until: now(), windowMs: goodWindowMs, awayShare };
  return judgeAway(question) !== undefined;
}

function unfitReason({ lagP99Ms, stealShare }: MachineReport, limits: RefereeOrder["limits"]): RunOutcome | undefined {
  if (lagP99Ms > limits.lagMs)
    return { kind: "void", reason: { code: "late", lagMs: lagP99Ms, limitMs: limits.lagMs } };
  if (stealShare > limits.stealShare)
    return { kind: "void", reason: { code: "stolen", percent: stealShare * 100, limit: limits.stealShare * 100 } };
  return undefined;
}

function notServed(ended: readonly RequestRecord[]): RunOutcome | undefined {
  const failed = ended.filter((record) => !isServed(record));
  const [first] = failed;
  if (ended.length === 0) return { kind: "unhealthy", reason: { code: "no-request" } };
  if (first === undefined || failed.length <= ended.length / FEW) return undefined;
  const { name, status, problem } = first;
  const example = {
    name,
    ...(status === undefined ? {} : { status }),
    ...(problem === undefined ? {} : { problem }),
  };
  return { kind: "unhealthy", reason: { code: "failing", failed: failed.length, sent: ended.length, example } };
}

function victimRecord(victims: readonly Victim[], fault: FaultDefinition): VictimRecord {
  const ordinals = victims.flatMap(({ ordinal }) => (ordinal === undefined ? [] : [ordinal]));
  return {
    service: victims[0]?.service ?? "",
    ...(ordinals.length === 0 ? {} : { ordinals }),
    pids: victims.flatMap(({ processes }) => processes.map(({ pid }) => pid)),
    ...(loadFactorOf(fault.injection) > 1 ? { isWholeApp: true } : {}),
  };
}

/** How many times the load of before there is; 1 where the fault is none of load. */
function loadFactorOf(injection: Injection): number {
  if (injection.kind === "compound") return Math.max(...injection.parts.map((part) => loadFactorOf(part.injection)));
  return injection.kind === "load" ? injection.factor : 1;
}

/** `language/1`, `database`. */
export function victimText(victim: VictimRecord | undefined): string {
  if (victim === undefined) return "";
  const { service, ordinals = [] } = victim;
  return ordinals.length === 1 ? `${service}/${ordinals[0]}` : service;
}

async function readLeft(
  control: ControlReader,
  known: { readonly incidents: ReadonlySet<string>; readonly lastEvent: number },
): Promise<{ readonly incidents: readonly Incident[]; readonly events: readonly AppEvent[] }> {
  try {
    const incidents = (await control.incidents()).filter(({ id }) => !known.incidents.has(id));
    return { incidents, events: await control.eventsAfter(known.lastEvent) };
  } catch {
    return { incidents: [], events: [] };
  }
}
