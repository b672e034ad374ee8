// What a model server does, by its own counters and by what comes out of it: idle, working, saturated, starting, hung or dead. Health checks cannot tell
// these apart: hung engines answer 200 for a quarter of an hour, and busy ones miss a check of two seconds and are killed for it. What counts is
// progress: work and no step.
//
// A gateway takes away what waits at a silent engine, and then it has nothing to do and seems idle. So while it is ejected for its silence, and requests
// that try it get nothing, the time without a step goes on.
//
// Subject: the endpoint. `hung` is class engine-stalled, at most a restart. `dead` (its counters are refused) is class frozen. Saturated is never a
// finding: an engine with a long queue that moves, or that is too busy to answer about its counters, is not helped by a kill. A backend without
// counters has no state here: its streams' silence is all there is, and that is never death.
import type { EngineCounters, EngineEvidence, RequestEvidence } from "@flyball/core";
import { touchRow, type EndpointRow, type EndpointTable } from "./endpoint-table.ts";
import type { Finding } from "./finding.ts";
import { addTime, boundMs, createUsualTime, type UsualTime } from "./usual-time.ts";

/** What an engine does, as far as its counters say. */
export type EngineState = "unknown" | "idle" | "working" | "saturated" | "starting" | "hung" | "dead";

/** Counters are read once a second, so that a stall of this length is found within ten seconds. */
const STALL_MS = 8_500;
/** An engine may take longer steps than that (a long prompt in one step): it is learned from the first, up to here. */
const LONGEST_STALL_MS = 60_000;
/** A new engine may take so long for its first step: it compiles, warms up, captures graphs. */
const STARTING_MS = 120_000;
/** Reads that are further apart say nothing about the time between them. */
const UNBROKEN_MS = 5_000;
/** So many trials at an ejected engine must have got nothing, the last of them this lately. */
const LEAST_TRIALS = 2;
const EJECTION_MS = 500;
const TRIED_MS = 7_000;
/** Nobody listens any more when so many reads in a row were refused. */
const DEAD_READS = 2;
const REFUSED = /refused|ENOENT/iu;

/** What is kept of one engine. */
export interface EngineRow extends EndpointRow {
  readonly usualStep: UsualTime;
  counters: EngineCounters | undefined;
  /** When it was last read. */
  readAt: number;
  /** When it moved last, began to have work, or was seen again after a break. */
  movedAt: number;
  lastGoodAt: number;
  /** It has never taken a step; since when. */
  newSince: number | undefined;
  /** Since its ejection for silence: requests that got nothing, and when the last of them ended; undefined: it is not ejected for that. */
  trials: { since: number; count: number; lastAt: number } | undefined;
  refusals: number;
  refusedAt: number;
  state: EngineState;
}

export type EngineTable = EndpointTable<EngineRow>;

/** Nothing seen yet. */
export function createEngineProgress(): EngineTable {
  return new Map();
}

/** Adds what the engine said, or that it said nothing. */
export function addEngineEvidence(table: EngineTable, evidence: EngineEvidence): void {
  const { at, counters } = evidence;
  const row = touchRow(table, evidence, () => emptyRow(at));
  if (counters === undefined) {
    addFailedRead(row, evidence.failure ?? "");
    return;
  }
  row.refusals = 0;
  follow(row, counters, at);
  row.counters = counters;
  row.readAt = at;
  row.state = judge(row, at);
  if (row.state !== "hung") row.lastGoodAt = row.movedAt;
}

/** Adds what came out of it: an engine whose answers flow moves, whatever its counters say. */
export function addEngineRequests(table: EngineTable, seen: RequestEvidence): void {
  const row = table.get(seen.endpoint);
  if (row === undefined) return;
  addTrials(row, seen);
  if ((seen.pieces ?? 0) === 0 && (seen.outcomes.succeeded ?? 0) === 0) return;
  if (seen.to > row.movedAt) row.movedAt = seen.to;
  row.newSince = undefined;
}

/** What the engine does now; unknown when its counters were not read lately. */
export function engineStateOf(table: EngineTable, endpoint: string, now: number): EngineState {
  const row = table.get(endpoint);
  return row === undefined || now - row.at > UNBROKEN_MS ? "unknown" : row.state;
}

/** Engines that have work and take no step, and those that are gone. */
export function findStalledEngines(table: EngineTable, now: number): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [endpoint, row] of table) {
    const state = engineStateOf(table, endpoint, now);
    if (state === "hung") findings.push(hungFinding(endpoint, row));
    if (state === "dead") findings.push(deadFinding(endpoint, row));
  }
  return findings;
}

function emptyRow(at: number): Omit<EngineRow, keyof EndpointRow> {
  return {
    usualStep: createUsualTime({ floorMs: STALL_MS, ceilingMs: LONGEST_STALL_MS, lateTimes: 1 }),
    counters: undefined,
    readAt: Number.NEGATIVE_INFINITY,
    movedAt: at,
    lastGoodAt: at,
    newSince: undefined,
    trials: undefined,
    refusals: 0,
    refusedAt: at,
    state: "unknown",
  };
}

function addTrials(row: EngineRow, { ejected, lastBadAt = 0, outcomes }: RequestEvidence): void {
  if (ejected?.reason !== "stuck") {
    row.trials = undefined;
    return;
  }
  row.trials ??= { since: ejected.since, count: 0, lastAt: 0 };
  // What was moved with the ejection is none.
  if (lastBadAt <= row.trials.since + EJECTION_MS) return;
  row.trials.count += outcomes.timeout ?? 0;
  row.trials.lastAt = lastBadAt;
}

function addFailedRead(row: EngineRow, failure: string): void {
  if (!REFUSED.test(failure)) {
    row.refusals = 0;
    // Too busy to say: what it did before is what it does, only more so. One that was seen to hang hangs until it is seen to move.
    if (row.state === "working") row.state = "saturated";
    if (row.state === "dead") row.state = "unknown";
    return;
  }
  if (row.refusals === 0) row.refusedAt = row.at;
  row.refusals += 1;
  if (row.refusals >= DEAD_READS) row.state = "dead";
}

function follow(row: EngineRow, counters: EngineCounters, at: number): void {
  const before = row.counters;
  const hadWork = before !== undefined && before.running + before.waiting > 0;
  const isAnew = before === undefined || counters.progress < before.progress;
  if (isAnew) row.newSince = counters.progress > 0 ? undefined : at;
  const isBroken = at - row.readAt > UNBROKEN_MS;
  const hasMoved = isAnew || counters.progress > before.progress;
  if (hasMoved && !isAnew) {
    row.newSince = undefined;
    if (hadWork && !isBroken) addTime(row.usualStep, at - row.movedAt);
  }
  const isIdle = !hadWork && row.trials === undefined;
  if (hasMoved || isBroken || isIdle) row.movedAt = at;
}

function judge(row: EngineRow, at: number): EngineState {
  const { counters, newSince } = row;
  if (counters === undefined) return "unknown";
  const isIdle = counters.running + counters.waiting === 0;
  if (isIdle && !isTried(row, at)) return "idle";
  if (newSince !== undefined && at - newSince < STARTING_MS) return "starting";
  if (at - row.movedAt >= boundMs(row.usualStep)) return "hung";
  return counters.waiting > 0 ? "saturated" : "working";
}

function isTried({ trials }: EngineRow, at: number): boolean {
  return trials !== undefined && trials.count >= LEAST_TRIALS && at - trials.lastAt <= TRIED_MS;
}

function hungFinding(endpoint: string, row: EngineRow): Finding {
  const { running = 0, waiting = 0, progress = 0 } = row.counters ?? {};
  const stalledMs = row.readAt - row.movedAt;
  return {
    class: "engine-stalled",
    subject: endpoint,
    began: { lastGood: row.lastGoodAt, firstBad: row.movedAt },
    facts: { state: "hung", running, waiting, progress, stalledMs, boundMs: Math.round(boundMs(row.usualStep)) },
  };
}

function deadFinding(endpoint: string, { lastGoodAt, refusedAt, refusals }: EngineRow): Finding {
  return {
    class: "frozen",
    subject: endpoint,
    began: { lastGood: Math.min(lastGoodAt, refusedAt), firstBad: refusedAt },
    facts: { state: "dead", refusals },
  };
}
