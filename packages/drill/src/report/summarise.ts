// From judged runs to figures with their count, and to targets kept or missed. Times are judged at p95, counts at the worst run.
import type { FaultDefinition } from "../fault.ts";
import { quantileOf } from "../referee/quantile.ts";
import type { JudgedAction } from "../referee/judge-actions.ts";
import type { JudgedRun } from "./drill-report.ts";

/** A distribution of few values. */
export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** What was to be kept. */
export type TargetName =
  | "detect"
  | "act"
  | "traffic"
  | "away"
  | "capacity"
  | "afterUndo"
  | "ended"
  | "stream"
  | "failed"
  | "refused"
  | "lost"
  | "amplification"
  | "goodput"
  | "incident"
  | "falseActions"
  | "wrongActions";

/** One target of a fault, and what was measured. */
export interface TargetVerdict {
  readonly target: TargetName;
  readonly limit: number | string;
  /** Absent: it did not come in every run. */
  readonly seen?: number | string;
  readonly isKept: boolean;
}

/** All runs of one fault, or all empty ones. Times in milliseconds. */
export interface FaultSummary {
  /** Absent: the empty runs. */
  readonly fault?: string;
  readonly runs: number;
  readonly measured: number;
  readonly void: number;
  readonly skipped: number;
  readonly unhealthy: number;
  readonly stopped: number;
  readonly detect?: Spread;
  readonly decide?: Spread;
  readonly act?: Spread;
  readonly recovered?: Spread;
  readonly traffic?: Spread;
  readonly away?: Spread;
  readonly capacity?: Spread;
  readonly start?: Spread;
  readonly afterUndo?: Spread;
  /** Runs in which traffic, or capacity, did not come back while they were watched. */
  readonly neverTraffic: number;
  readonly neverCapacity: number;
  readonly sent: number;
  readonly failed: number;
  readonly refused: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly failedInBand: number;
  /** While the fault was load; 0 of other faults, whose refusals are failures. */
  readonly turnedAway: number;
  readonly amplification?: number;
  readonly falseActions: readonly JudgedAction[];
  readonly wrongActions: readonly JudgedAction[];
  readonly targets: readonly TargetVerdict[];
}

/** A budget of second tries lets some through each second, whatever the load: of few requests their share says nothing. */
const LEAST_RATE_OF_ATTEMPTS = 50;

/** Where nothing is done about a fault, only what is seen can be asked for. */
const SEEN: ReadonlySet<TargetName> = new Set(["incident", "detect", "falseActions"]);

/** Sums the runs of one fault; `isShadow`: nothing was done about it. */
export function summarise(
  fault: FaultDefinition | undefined,
  all: readonly JudgedRun[],
  isShadow = false,
): FaultSummary {
  const counted = (kind: string): number => all.filter(({ run }) => run.outcome.kind === kind).length;
  const judged = all.filter(({ verdict, run }) => verdict.traffic !== undefined && isJudged(run.outcome.kind));
  const times = (read: (each: JudgedRun) => number | undefined): Spread | undefined => spreadOf(judged.map(read));
  const sum = (read: (each: JudgedRun) => number): number => judged.reduce((total, each) => total + read(each), 0);
  const told = judged.flatMap(({ verdict }) => verdict.counts.amplification ?? []);
  const figures = {
    detect: times(({ verdict }) => verdict.actions?.detectedMs),
    decide: times(({ verdict }) => verdict.actions?.decidedMs),
    act: times(({ verdict }) => verdict.actions?.actedMs),
    recovered: times(({ verdict }) => verdict.actions?.recoveredMs),
    traffic: times(({ verdict }) => verdict.traffic?.frtMs),
    away: times(({ verdict }) => verdict.awayMs),
    capacity: times(({ verdict }) => verdict.capacity?.capacityMs),
    start: times(({ verdict }) => verdict.capacity?.startMs),
    afterUndo: times(({ verdict }) => verdict.afterUndoMs),
  };
  const present = Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
  const hasVictim = judged.filter(({ verdict }) => verdict.capacity !== undefined);
  return {
    ...(fault === undefined ? {} : { fault: fault.id }),
    runs: all.length,
    measured: judged.length,
    void: counted("void"),
    skipped: counted("skipped"),
    unhealthy: counted("unhealthy"),
    stopped: counted("stopped"),
    ...present,
    neverTraffic: judged.filter(({ verdict }) => verdict.traffic?.frtMs === undefined && verdict.endedMs === undefined)
      .length,
    neverCapacity: hasVictim.filter(({ verdict }) => verdict.capacity?.capacityMs === undefined).length,
    sent: sum(({ verdict }) => verdict.counts.sent),
    failed: sum(({ verdict }) => verdict.counts.failed),
    refused: sum(({ verdict }) => verdict.counts.refused),
    lost: sum(({ verdict }) => verdict.counts.lost),
    duplicated: sum(({ verdict }) => verdict.counts.duplicated),
    failedInBand: sum(({ verdict }) => verdict.counts.failedInBand),
    turnedAway: sum(({ verdict }) => verdict.counts.turnedAway ?? 0),
    ...(told.length === 0 ? {} : { amplification: Math.max(...told) }),
    falseActions: judged.flatMap(({ verdict }) => verdict.actions?.falseActions ?? []),
    wrongActions: judged.flatMap(({ verdict }) => verdict.actions?.wrongActions ?? []),
    targets: judgeTargets(fault, judged).filter(({ target }) => !isShadow || SEEN.has(target)),
  };
}

function isJudged(kind: string): boolean {
  return kind === "measured" || kind === "stopped";
}

/** Of the values that are there; undefined when there is none. */
export function spreadOf(values: readonly (number | undefined)[]): Spread | undefined {
  const known = values.filter((value) => value !== undefined);
  const [p50, p95, max] = [quantileOf(known, 0.5), quantileOf(known, 0.95), quantileOf(known, 1)];
  if (p50 === undefined || p95 === undefined || max === undefined) return undefined;
  return { count: known.length, p50, p95, max };
}

function judgeTargets(fault: FaultDefinition | undefined, judged: readonly JudgedRun[]): readonly TargetVerdict[] {
  if (judged.length === 0) return [];
  const falseActions = judged.reduce((sum, { verdict }) => sum + (verdict.actions?.falseActions.length ?? 0), 0);
  const noFalse: TargetVerdict = { target: "falseActions", limit: 0, seen: falseActions, isKept: falseActions === 0 };
  if (fault === undefined) return [noFalse];
  const { expect } = fault;
  const atMost = (
    target: TargetName,
    limit: number | undefined,
    values: readonly (number | undefined)[],
    share: number,
  ): readonly TargetVerdict[] => {
    if (limit === undefined) return [];
    const known = values.filter((value) => value !== undefined);
    if (known.length < values.length) return [{ target, limit, isKept: false }];
    const seen = quantileOf(known, share) ?? 0;
    return [{ target, limit, seen, isKept: seen <= limit }];
  };
  const of = (read: (each: JudgedRun) => number | undefined): readonly (number | undefined)[] => judged.map(read);
  const wrong = judged.flatMap(({ verdict }) => verdict.actions?.wrongActions ?? []);
  return [
    ...incidentTarget(fault, judged),
    ...goodputTarget(fault, judged),
    ...atMost(
      "detect",
      expect.detectMs,
      of(({ verdict }) => verdict.actions?.detectedMs),
      0.95,
    ),
    ...atMost(
      "act",
      expect.actMs,
      of(({ verdict }) => verdict.actions?.actedMs),
      0.95,
    ),
    ...(expect.awayShare === undefined
      ? atMost(
          "traffic",
          expect.trafficMs,
          of(({ verdict }) => verdict.traffic?.frtMs),
          0.95,
        )
      : atMost(
          "away",
          expect.trafficMs,
          of(({ verdict }) => verdict.awayMs),
          0.95,
        )),
    ...atMost(
      "capacity",
      expect.capacityMs,
      of(({ verdict }) => withoutStart(verdict)),
      0.95,
    ),
    ...atMost(
      "afterUndo",
      expect.afterUndoMs,
      of(({ verdict }) => verdict.afterUndoMs),
      0.95,
    ),
    ...atMost(
      "ended",
      expect.endedMs,
      of(({ verdict }) => verdict.endedMs),
      0.95,
    ),
    ...atMost(
      "stream",
      expect.streamMs,
      of(({ verdict }) => verdict.longestGapMs),
      0.95,
    ),
    ...atMost(
      "failed",
      expect.failed,
      of(({ verdict }) => verdict.counts.failed),
      1,
    ),
    ...atMost(
      "refused",
      expect.refused,
      of(({ verdict }) => verdict.counts.refused),
      1,
    ),
    ...atMost(
      "lost",
      expect.failed,
      of(({ verdict }) => verdict.counts.lost),
      1,
    ),
    ...atMost(
      "amplification",
      judged.every(({ run }) => run.perSecond >= LEAST_RATE_OF_ATTEMPTS) ? expect.amplification : undefined,
      of(({ verdict }) => verdict.counts.amplification ?? 1),
      1,
    ),
    noFalse,
    { target: "wrongActions", limit: 0, seen: wrong.length, isKept: wrong.length === 0 },
  ];
}

function incidentTarget({ expect }: FaultDefinition, judged: readonly JudgedRun[]): readonly TargetVerdict[] {
  const seen = [...new Set(judged.map(({ verdict }) => verdict.actions?.incidentClass ?? "-"))];
  const isKept =
    expect.incidents.length === 0
      ? seen.every((each) => each === "-")
      : seen.every((each) => expect.incidents.some((known) => known === each));
  return [{ target: "incident", limit: expect.incidents.join(", ") || "-", seen: seen.join(", "), isKept }];
}

/** A share that is to be reached, in the worst run too. */
function goodputTarget({ expect }: FaultDefinition, judged: readonly JudgedRun[]): readonly TargetVerdict[] {
  if (expect.goodput === undefined) return [];
  const seen = Math.min(...judged.map(({ verdict }) => verdict.goodput ?? 0));
  return [{ target: "goodput", limit: expect.goodput, seen, isKept: seen >= expect.goodput }];
}

/** Capacity without the time that the service itself takes to start. */
function withoutStart({ capacity }: JudgedRun["verdict"]): number | undefined {
  if (capacity?.capacityMs === undefined) return undefined;
  return Math.max(0, capacity.capacityMs - (capacity.startMs ?? 0));
}
