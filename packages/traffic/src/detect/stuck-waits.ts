// Waits beyond what is usual, judged over an endpoint and its peers; `stuck-requests.ts` and `stuck-streams.ts` say which waits. A single one proves little:
// some request is always the longest that ever was. So the fewer there are, the longer they must last, and one that waits while others sent later
// were answered is that request's own matter. When most of a pool hangs at the same time the cause is behind it: the finding is the pool's, and
// nobody is ejected for it.
import type { IncidentClass, RequestEvidence } from "@flyball/core";
import { rowsByPool, touchRow, type EndpointRow, type EndpointTable } from "./endpoint-table.ts";
import type { Finding } from "./finding.ts";

/** Something came back within this time: it moves. */
const MOVING_MS = 1_000;
/** How many times the bound one or two waits must last; more of them once. */
const LONE_FACTORS = [4, 2] as const;
/** A shorter wait is a pause (of a collector, of a machine), whatever is usual; where answers stream, of an engine that reads one long prompt. */
const LEAST_WAIT_MS = 2_500;
const LEAST_STREAM_WAIT_MS = 9_000;
const STUCK_SHARE = 0.5;
/** While others are answered, only a pile of stuck ones counts: some of its threads hang, not the whole. */
const PILE = 4;
const PILE_SHARE = 0.8;
/** Evidence that is older says nothing about now. */
const FRESH_MS = 3_000;
/** Nothing was tried for so long: what hung is not known to hang any more. */
const UNTRIED_MS = 60_000;

/** The waits of one kind at an endpoint, from one report. */
export interface Waits {
  readonly stuck: number;
  /** In flight, less those that are stuck in another way. */
  readonly inFlight: number;
  readonly oldestMs: number;
}

/** What is kept of one endpoint. */
export interface StuckRow extends EndpointRow {
  stuck: number;
  inFlight: number;
  oldestMs: number;
  /** How long the oldest had waited when it first counted as stuck: about its bound. */
  boundMs: number;
  /** When something came back last: content, bytes or a whole answer. */
  movedAt: number;
  lastGoodAt: number;
  hasPieces: boolean;
  doesStream: boolean;
  triedAt: number;
  isStuck: boolean;
  began: Finding["began"];
}

export type StuckTable = EndpointTable<StuckRow>;

/** Adds a report of the gateway. */
export function addWaits(table: StuckTable, seen: RequestEvidence, waits: Waits): void {
  const row = touchRow(table, { ...seen, at: seen.to }, () => emptyRow(seen.from));
  const isGood = (seen.outcomes.succeeded ?? 0) > 0;
  const isMoving = isGood || (seen.pieces ?? 0) > 0 || (seen.bytes ?? 0) > 0;
  if (waits.stuck > 0 && row.stuck === 0) row.boundMs = waits.oldestMs;
  row.stuck = waits.stuck;
  row.inFlight = waits.inFlight;
  row.oldestMs = waits.oldestMs;
  row.hasPieces = (seen.pieces ?? 0) > 0;
  row.doesStream ||= seen.gap !== undefined || (seen.stuckStreams ?? 0) > 0;
  if (isMoving) row.movedAt = seen.to;
  if (seen.lastGoodAt !== undefined) row.lastGoodAt = seen.lastGoodAt;
  if (waits.inFlight > 0 || isMoving) row.triedAt = seen.to;
  if (isStuckNow(row)) {
    if (!row.isStuck) row.began = beganOf(row);
    row.isStuck = true;
  } else if (row.isStuck && isMoving && waits.stuck < STUCK_SHARE * waits.inFlight + 1) {
    row.isStuck = false;
  }
}

/** What hangs at present: endpoints, or a pool whose most endpoints with work hang. */
export function findStuck(table: StuckTable, now: number, kind: IncidentClass): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [pool, rows] of rowsByPool(table, now, UNTRIED_MS)) {
    const stuck = rows.filter(([, row]) => row.isStuck && now - row.triedAt < UNTRIED_MS);
    if (stuck.length === 0) continue;
    const withWork = rows.filter(([, row]) => row.isStuck || (now - row.at < FRESH_MS && now - row.triedAt < FRESH_MS));
    if (withWork.length > 1 && stuck.length * 2 > withWork.length)
      findings.push(ofPool(kind, pool, stuck, withWork.length));
    else
      for (const [endpoint, row] of stuck)
        findings.push(ofEndpoint(kind, endpoint, row, withWork.length - stuck.length));
  }
  return findings;
}

function emptyRow(at: number): Omit<StuckRow, keyof EndpointRow> {
  return {
    stuck: 0,
    inFlight: 0,
    oldestMs: 0,
    boundMs: 0,
    movedAt: Number.NEGATIVE_INFINITY,
    lastGoodAt: at,
    hasPieces: false,
    doesStream: false,
    triedAt: at,
    isStuck: false,
    began: { lastGood: at, firstBad: at },
  };
}

function isStuckNow({ at, stuck, inFlight, oldestMs, boundMs, movedAt, hasPieces, doesStream }: StuckRow): boolean {
  if (stuck === 0 || oldestMs < (doesStream ? LEAST_STREAM_WAIT_MS : LEAST_WAIT_MS)) return false;
  const share = stuck / Math.max(1, inFlight);
  // Streams that flow beside requests that wait are a queue that is too long, not a hang.
  if (at - movedAt < MOVING_MS) return !hasPieces && stuck >= PILE && share >= PILE_SHARE;
  if (movedAt > at - oldestMs) return stuck > LONE_FACTORS.length && share >= STUCK_SHARE;
  // No sign of life since the oldest was sent: those that were sent after it only have not waited long enough.
  return oldestMs >= boundMs * (LONE_FACTORS[stuck - 1] ?? 1);
}

function beganOf({ at, oldestMs, lastGoodAt }: StuckRow): Finding["began"] {
  const firstBad = at - oldestMs;
  return { firstBad, lastGood: Math.min(firstBad, lastGoodAt) };
}

function ofEndpoint(kind: IncidentClass, endpoint: string, row: StuckRow, finePeers: number): Finding {
  const { stuck, inFlight, oldestMs, boundMs, began } = row;
  return { class: kind, subject: endpoint, began, facts: { stuck, inFlight, oldestMs, boundMs, finePeers } };
}

function ofPool(kind: IncidentClass, pool: string, rows: readonly [string, StuckRow][], endpoints: number): Finding {
  const sum = (of: (row: StuckRow) => number): number => rows.reduce((total, [, row]) => total + of(row), 0);
  const least = (of: (row: StuckRow) => number): number => Math.min(...rows.map(([, row]) => of(row)));
  return {
    class: kind,
    subject: pool,
    began: { lastGood: least(({ began }) => began.lastGood), firstBad: least(({ began }) => began.firstBad) },
    facts: {
      stuck: sum((row) => row.stuck),
      inFlight: sum((row) => row.inFlight),
      oldestMs: Math.max(...rows.map(([, row]) => row.oldestMs)),
      stuckEndpoints: rows.length,
      endpoints,
    },
  };
}
