// Answers that are empty, loop, are in another language or of another form more often than they used to be. Subject: the endpoint; its pool when most
// of its endpoints do it, because then it is the model, the prompts or the revision. At most: eject (an endpoint), roll back (with the release's
// comparison), else ask.
//
// Each answer says little (the rules in `answer-flaws.ts` leave much out), so how often they come is weighed as failures are, against what was
// learned here. One client can ask for the same strange thing ten times in a second: the flaws must be eight at least and twenty seconds apart.
import type { AnswerFlaw, RequestEvidence } from "@flyball/core";
import { rowsByPool, touchRow, type EndpointRow, type EndpointTable } from "./endpoint-table.ts";
import { acquitFailures, addCounts, createFailureEvidence, isQuiet, type FailureEvidence } from "./failure-evidence.ts";
import type { Finding } from "./finding.ts";

const LEAST_FLAWS = 8;
const LEAST_SPAN_MS = 20_000;
/** Whole answers in a row that end it, and how long a finding lives without any. */
const GOOD_TO_END = 20;
const FRESH_MS = 600_000;

/** What is kept of one endpoint. */
export interface OutputRow extends EndpointRow {
  readonly evidence: FailureEvidence;
  flaws: Partial<Record<AnswerFlaw, number>>;
  flawed: number;
  firstAt: number;
  lastAt: number;
  lastGoodAt: number;
  goodSince: number;
}

export type OutputTable = EndpointTable<OutputRow>;

/** Nothing seen yet. */
export function createBadOutput(): OutputTable {
  return new Map();
}

/** Adds a report of the gateway; one without judged answers says nothing. */
export function addOutput(table: OutputTable, seen: RequestEvidence): void {
  const { judged = 0, flaws = {} } = seen;
  if (judged === 0) return;
  const row = touchRow(table, { ...seen, at: seen.to }, () => emptyRow(seen.from));
  const bad = Math.min(
    judged,
    Object.values(flaws).reduce((sum, count) => sum + count, 0),
  );
  if (isQuiet(row.evidence)) Object.assign(row, { flaws: {}, flawed: 0, firstAt: seen.to });
  if (bad > 0) {
    row.flawed += bad;
    row.lastAt = seen.to;
    row.goodSince = 0;
    for (const [flaw, count] of Object.entries(flaws)) {
      const kind = flaw as AnswerFlaw;
      row.flaws[kind] = (row.flaws[kind] ?? 0) + count;
    }
  } else {
    row.lastGoodAt = seen.to;
    row.goodSince += judged;
  }
  addCounts(row.evidence, judged - bad, bad);
  if (row.evidence.isFault && row.goodSince >= GOOD_TO_END) acquitFailures(row.evidence);
}

/** Endpoints and pools whose answers are bad at present. */
export function findBadOutput(table: OutputTable, now: number): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [pool, rows] of rowsByPool(table, now, FRESH_MS)) {
    const bad = rows.filter(([, row]) => isBad(row));
    if (bad.length === 0) continue;
    if (rows.length > 1 && bad.length * 2 > rows.length)
      findings.push(
        findingOf(
          pool,
          bad.map(([, row]) => row),
        ),
      );
    else for (const [endpoint, row] of bad) findings.push(findingOf(endpoint, [row]));
  }
  return findings;
}

function emptyRow(at: number): Omit<OutputRow, keyof EndpointRow> {
  const times = { firstAt: at, lastAt: at, lastGoodAt: at };
  return { evidence: createFailureEvidence(), flaws: {}, flawed: 0, goodSince: 0, ...times };
}

function isBad({ evidence, flawed, firstAt, lastAt }: OutputRow): boolean {
  return evidence.isFault && flawed >= LEAST_FLAWS && lastAt - firstAt >= LEAST_SPAN_MS;
}

function findingOf(subject: string, rows: readonly OutputRow[]): Finding {
  const sum = (of: (row: OutputRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const firstBad = Math.min(...rows.map(({ firstAt }) => firstAt));
  const counts: Partial<Record<AnswerFlaw, number>> = {};
  for (const { flaws } of rows) {
    for (const [flaw, count] of Object.entries(flaws)) {
      const kind = flaw as AnswerFlaw;
      counts[kind] = (counts[kind] ?? 0) + count;
    }
  }
  return {
    class: "bad-output",
    subject,
    began: { lastGood: Math.min(firstBad, ...rows.map(({ lastGoodAt }) => lastGoodAt)), firstBad },
    facts: { ...counts, flawed: sum((row) => row.flawed), answers: Math.round(sum((row) => row.evidence.total)) },
  };
}
