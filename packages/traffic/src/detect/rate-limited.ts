// A backend that answers 429 for long, or whose money or quota is spent. Subject: the endpoint. At most: eject (traffic goes elsewhere) and ask. Neither is a
// failure of the endpoint, and no restart helps. Bursts of 429 are everyday: retries and other backends take care of them, and nobody is told. One that
// asked to be left alone is asked seldom, so a few refusals are enough where nothing else came; and one whose money is spent is not asked again for
// minutes, so one such answer is all there is.
import type { RequestEvidence } from "@flyball/core";
import { touchRow, type EndpointRow, type EndpointTable } from "./endpoint-table.ts";
import type { Finding } from "./finding.ts";

/** More than half of the answers for half a minute, and at least ten of them; three where none was good. */
const LEAST_MS = 30_000;
const LEAST_COUNT = 10;
const LEAST_ALONE = 3;
/** Nothing was refused for this long: it is over; where none was good it is only left alone for long. */
const OVER_MS = 15_000;
const LEFT_ALONE_MS = 300_000;
const FORGOTTEN_MS = 3_600_000;

/** What is kept of one endpoint. */
export interface LimitedRow extends EndpointRow {
  limited: number;
  good: number;
  since: number;
  limitedAt: number;
  spent: number;
  spentSince: number;
  spentAt: number;
  lastGoodAt: number;
}

export type LimitedTable = EndpointTable<LimitedRow>;

/** Nothing seen yet. */
export function createRateLimited(): LimitedTable {
  return new Map();
}

/** Adds a report of the gateway. */
export function addLimits(table: LimitedTable, seen: RequestEvidence): void {
  const { rateLimited = 0, quotaSpent = 0 } = seen;
  if (rateLimited === 0 && quotaSpent === 0 && !table.has(seen.endpoint)) return;
  const row = touchRow(table, { ...seen, at: seen.to }, () => emptyRow(seen.from));
  const good = Math.max(0, (seen.outcomes.succeeded ?? 0) - rateLimited - quotaSpent);
  if (seen.to - row.limitedAt > (row.good === 0 ? LEFT_ALONE_MS : OVER_MS) || row.limited < row.good)
    Object.assign(row, { limited: 0, good: 0, since: seen.to });
  row.limited += rateLimited;
  row.good += good;
  if (rateLimited > 0) row.limitedAt = seen.to;
  if (quotaSpent > 0) {
    if (row.spent === 0) row.spentSince = seen.from;
    row.spent += quotaSpent;
    row.spentAt = seen.to;
  } else if (good > 0) {
    row.spent = 0;
  }
  if (good > 0) row.lastGoodAt = seen.to;
}

/** Endpoints that are limited for long or spent at present. */
export function findLimited(table: LimitedTable, now: number): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [subject, row] of table) {
    const lastGood = (firstBad: number): number => Math.min(firstBad, row.lastGoodAt);
    if (row.spent > 0 && now - row.spentAt < FORGOTTEN_MS) {
      const began = { firstBad: row.spentSince, lastGood: lastGood(row.spentSince) };
      findings.push({ class: "quota-spent", subject, began, facts: { spent: row.spent } });
    } else if (isLimited(row, now)) {
      const began = { firstBad: row.since, lastGood: lastGood(row.since) };
      findings.push({ class: "rate-limited", subject, began, facts: { limited: row.limited, good: row.good } });
    }
  }
  return findings;
}

function emptyRow(at: number): Omit<LimitedRow, keyof EndpointRow> {
  const counts = { limited: 0, good: 0, spent: 0 };
  return { ...counts, since: at, limitedAt: Number.NEGATIVE_INFINITY, spentSince: at, spentAt: at, lastGoodAt: at };
}

function isLimited({ limited, good, since, limitedAt }: LimitedRow, now: number): boolean {
  if (limitedAt - since < LEAST_MS) return false;
  if (good === 0) return limited >= LEAST_ALONE && now - limitedAt <= LEFT_ALONE_MS;
  return limited >= LEAST_COUNT && limited > good && now - limitedAt <= OVER_MS;
}
