// A whole pool that others depend on is down: every endpoint of it that was tried fails and none has answered since. Subject: the pool. At most: nothing
// by itself; its own instances have findings of their own, and of an outside provider nothing can be restarted. Control lists who depends on it.
import type { RequestEvidence } from "@flyball/core";
import { rowsByPool, touchRow, type EndpointRow, type EndpointTable } from "./endpoint-table.ts";
import type { Finding } from "./finding.ts";

/** Failures without an answer in between: of the connection, or of any kind. A request that always fails is no outage; one that says so is enough. */
const HARD_FAILURES = 4;
const FAILURES = 10;
const LEAST_MS = 1_000;
/** Nothing was tried for so long: nothing is known. */
const FRESH_MS = 60_000;

/** What is kept of one endpoint since its last answer. */
export interface DownRow extends EndpointRow {
  failed: number;
  hard: number;
  /** It said that nothing comes of it: the key, the model. */
  unusable: number;
  firstBadAt: number;
  triedAt: number;
  lastGoodAt: number;
}

export type DownTable = EndpointTable<DownRow>;

/** Nothing seen yet. */
export function createDependencyDown(): DownTable {
  return new Map();
}

/** Adds a report of the gateway. */
export function addAnswers(table: DownTable, seen: RequestEvidence): void {
  const { succeeded = 0, refused = 0, reset = 0, timeout = 0, "server-error": errors = 0 } = seen.outcomes;
  const hard = refused + reset + timeout;
  const { unusable = 0 } = seen;
  const isAlive = succeeded > 0 || (seen.pieces ?? 0) > 0 || (seen.rateLimited ?? 0) > 0;
  if (!isAlive && hard + errors + unusable === 0) return;
  const create = () => ({
    failed: 0,
    hard: 0,
    unusable: 0,
    firstBadAt: seen.to,
    triedAt: seen.to,
    lastGoodAt: seen.from,
  });
  const row = touchRow<DownRow>(table, { ...seen, at: seen.to }, create);
  row.triedAt = seen.to;
  if (isAlive) {
    Object.assign(row, { failed: 0, hard: 0, unusable: 0, lastGoodAt: seen.lastGoodAt ?? seen.to });
    return;
  }
  if (row.failed === 0) row.firstBadAt = seen.firstBadAt ?? seen.from;
  row.failed += hard + errors + unusable;
  row.hard += hard;
  row.unusable += unusable;
}

/** Pools that are down at present. */
export function findDown(table: DownTable, now: number): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [pool, rows] of rowsByPool(table, now, FRESH_MS)) {
    if (rows.some(([, row]) => row.failed === 0)) continue;
    const failed = rows.reduce((sum, [, row]) => sum + row.failed, 0);
    const hard = rows.reduce((sum, [, row]) => sum + row.hard, 0);
    // Down since the last of them failed.
    const firstBad = Math.max(...rows.map(([, row]) => row.firstBadAt));
    const lastGood = Math.min(firstBad, Math.max(...rows.map(([, row]) => row.lastGoodAt)));
    const unusable = rows.reduce((sum, [, row]) => sum + row.unusable, 0);
    const isEnough = hard >= HARD_FAILURES || failed >= FAILURES || rows.every(([, row]) => row.unusable > 0);
    if (!isEnough || now - firstBad < LEAST_MS) continue;
    const refusals = unusable === 0 ? {} : { unusable };
    const facts = { failed, unanswered: hard, endpoints: rows.length, ...refusals };
    findings.push({ class: "dependency-down", subject: pool, began: { lastGood, firstBad }, facts });
  }
  return findings;
}
