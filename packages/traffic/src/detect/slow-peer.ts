// An endpoint that is ten times slower than its peers and than it was: first token (or answer, where nothing streams) and silence between pieces.
// Subject: the endpoint; its pool when most of it became slow at once, because then the cause is shared and nobody is ejected. At most: eject.
//
// Both comparisons must agree. Peers alone would find the one CPU in a pool of GPUs every day; history alone every burst of long prompts. The only
// endpoint of a pool has no peers, so there more is asked: twenty seconds with traffic, and that the silences grew too where it streams, for
// those do not depend on how long prompts and answers are.
import type { RequestEvidence } from "@flyball/core";
import { rowsByPool, touchRow, type EndpointRow, type EndpointTable } from "./endpoint-table.ts";
import type { Finding } from "./finding.ts";
import { addSecond, createSlowEvidence, hasHistory, SLOW_THRESHOLD, type SlowEvidence } from "./slow-evidence.ts";

const BUCKET_MS = 1_000;
/** Times of peers that are older are no comparison, and a finding without news is no news. */
const FRESH_MS = 60_000;
/** It must still be this much slower when it is told. */
const LEAST_LOG = Math.log(3);
/** And this many milliseconds: of a few milliseconds, a busy machine makes many times as many. */
const LEAST_MORE_MS: Readonly<Record<Kind, number>> = { first: 50, gap: 20 };
const LONE_SECONDS = 20;
/** Peers with this share of the evidence are under suspicion too; peers are waited for so long to be heard. */
const SUSPECTED_SHARE = 0.3;
const PATIENCE_MS = 10_000;

type Kind = "first" | "gap";

interface Measure {
  readonly evidence: SlowEvidence;
  sumMs: number;
  count: number;
  /** What its peers have at present (logarithm of milliseconds). */
  peerLog: number | undefined;
}

/** What is kept of one endpoint. */
export interface SlowRow extends EndpointRow {
  readonly first: Measure;
  readonly gap: Measure;
  bucketFrom: number;
}

export type SlowTable = EndpointTable<SlowRow>;

/** Nothing seen yet. */
export function createSlowPeers(): SlowTable {
  return new Map();
}

/** Adds a report of the gateway. */
export function addSlowness(table: SlowTable, seen: RequestEvidence): void {
  const create = () => ({ first: createMeasure(), gap: createMeasure(), bucketFrom: seen.from });
  const row = touchRow<SlowRow>(table, { ...seen, at: seen.to }, create);
  const { succeeded = 0, "server-error": errors = 0, refused = 0, reset = 0, timeout = 0 } = seen.outcomes;
  if (seen.firstToken !== undefined) addSum(row.first, seen.firstToken.sumMs, seen.firstToken.count);
  else if (errors + refused + reset + timeout === 0) addSum(row.first, seen.latencySumMs, succeeded);
  if (seen.gap !== undefined) addSum(row.gap, seen.gap.sumMs, seen.gap.count);
  if (seen.to - row.bucketFrom < BUCKET_MS) return;
  for (const measure of [row.first, row.gap]) {
    if (measure.count > 0) addSecond(measure.evidence, measure, seen.to, measure.peerLog);
    measure.sumMs = 0;
    measure.count = 0;
  }
  row.bucketFrom = seen.to;
}

/** Endpoints and pools that are slow at present. It compares the peers too, so it is called about once a second. */
export function findSlow(table: SlowTable, now: number): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [pool, rows] of rowsByPool(table, now, FRESH_MS)) {
    for (const kind of ["first", "gap"] as const) comparePeers(rows, kind, now);
    const slower = rows.filter(([, row]) => isSlower(row, "first", now) || isSlower(row, "gap", now));
    if (slower.length === 0) continue;
    if (rows.length > 1 && slower.length * 2 > rows.length) {
      findings.push(ofPool(pool, slower, rows.length));
      continue;
    }
    for (const [endpoint, row] of slower) {
      const kind = (["gap", "first"] as const).find((each) => isSlower(row, each, now) && isWorse(row, each, now));
      if (kind !== undefined && areOthersFine(rows, row, kind, now))
        findings.push(ofEndpoint(endpoint, row[kind], kind));
    }
  }
  return findings;
}

function createMeasure(): Measure {
  return { evidence: createSlowEvidence(), sumMs: 0, count: 0, peerLog: undefined };
}

function addSum(measure: Measure, sumMs: number, count: number): void {
  measure.sumMs += sumMs;
  measure.count += count;
}

function comparePeers(rows: readonly [string, SlowRow][], kind: Kind, now: number): void {
  const timed = rows.filter(([, row]) => now - row[kind].evidence.recentAt <= FRESH_MS);
  const sorted = timed.map(([, row]) => row[kind].evidence.recent).toSorted((a, b) => a - b);
  for (const [, row] of rows) {
    const measure = row[kind];
    // The lower middle of the others: its own place is left out.
    const own = now - measure.evidence.recentAt <= FRESH_MS ? sorted.indexOf(measure.evidence.recent) : -1;
    const others = own < 0 ? sorted.length : sorted.length - 1;
    const middle = Math.floor((others - 1) / 2);
    measure.peerLog = others < 1 ? undefined : sorted[own >= 0 && middle >= own ? middle + 1 : middle];
  }
}

/** Slower than it was. */
function isSlower(row: SlowRow, kind: Kind, now: number): boolean {
  const { evidence } = row[kind];
  if (!hasHistory(evidence) || now - evidence.recentAt > FRESH_MS) return false;
  const moreMs = Math.exp(evidence.recent) - Math.exp(evidence.mean);
  if (moreMs < LEAST_MORE_MS[kind]) return false;
  return evidence.own >= SLOW_THRESHOLD && evidence.recent - evidence.mean >= LEAST_LOG;
}

function isWorse(row: SlowRow, kind: Kind, now: number): boolean {
  const { evidence, peerLog } = row[kind];
  if (peerLog !== undefined) return evidence.peers >= SLOW_THRESHOLD && evidence.recent - peerLog >= LEAST_LOG;
  const doesStream = now - row.gap.evidence.recentAt <= FRESH_MS;
  return evidence.suspected >= LONE_SECONDS && (kind === "gap" || !doesStream);
}

/** Of the peers that had times since its trouble began, no more are suspected than are not. */
function areOthersFine(rows: readonly [string, SlowRow][], row: SlowRow, kind: Kind, now: number): boolean {
  const { since } = row[kind].evidence;
  let fine = 0;
  let suspected = 0;
  for (const [, other] of rows) {
    const { evidence } = other[kind];
    if (other === row || evidence.recentAt < since) continue;
    if (evidence.own < SLOW_THRESHOLD * SUSPECTED_SHARE) fine += 1;
    else suspected += 1;
  }
  const isHeard = fine + suspected > 0 || row[kind].peerLog === undefined || now - since > PATIENCE_MS;
  return isHeard && fine >= suspected;
}

function ofEndpoint(endpoint: string, { evidence, peerLog }: Measure, kind: Kind): Finding {
  return {
    class: "slow",
    subject: endpoint,
    began: { lastGood: evidence.since - BUCKET_MS, firstBad: evidence.since },
    facts: {
      what: kind,
      nowMs: Math.round(Math.exp(evidence.recent)),
      usualMs: Math.round(Math.exp(evidence.mean)),
      ...(peerLog === undefined ? {} : { peersMs: Math.round(Math.exp(peerLog)) }),
    },
  };
}

function ofPool(pool: string, rows: readonly [string, SlowRow][], endpoints: number): Finding {
  const since = Math.min(
    ...rows.map(([, { first, gap }]) => (first.evidence.own > 0 ? first.evidence.since : gap.evidence.since)),
  );
  const began = { lastGood: since - BUCKET_MS, firstBad: since };
  return { class: "slow", subject: pool, began, facts: { slowEndpoints: rows.length, endpoints } };
}
