// Every loader ends here, so that all of them drop, name and order rows in one way.
import type { SkipReason, Trace, TraceProblem, TraceRequest } from "./trace-request.ts";

/** A row as a loader read it; times in milliseconds from any origin. What is left out is not known. */
export interface TraceRow {
  readonly atMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly client?: string;
  readonly tenant?: string;
  readonly model?: string;
  readonly route?: string;
  readonly blocks?: readonly number[];
}

/** Collects the rows of one file. */
export interface TraceBuilder {
  add(line: number, row: TraceRow): void;
  skip(reason: SkipReason): void;
  problem(line: number, reason: string): void;
  build(): Trace;
}

/** So many problems are kept word for word. */
const PROBLEMS_KEPT = 100;

const NO_BLOCKS: readonly number[] = Object.freeze([]);

/** `blockTokens`: of one block of the rows' prefixes, 0 where they have none. */
export function createTraceBuilder(name: string, blockTokens = 0): TraceBuilder {
  const rows: TraceRow[] = [];
  const skipped: Partial<Record<SkipReason, number>> = {};
  const problems: TraceProblem[] = [];
  let problemCount = 0;

  function problem(line: number, reason: string): void {
    problemCount += 1;
    if (problems.length < PROBLEMS_KEPT) problems.push({ file: name, line, reason });
  }

  function skip(reason: SkipReason): void {
    skipped[reason] = (skipped[reason] ?? 0) + 1;
  }

  return {
    skip,
    problem,
    add(line, row) {
      if (!Number.isFinite(row.atMs)) problem(line, "the time is not a number");
      else if (!isCount(row.inputTokens)) problem(line, "the input tokens are not a whole number from 0");
      else if (!isCount(row.outputTokens)) problem(line, "the output tokens are not a whole number from 0");
      else if (row.inputTokens === 0) skip("zero-input-tokens");
      else if (row.outputTokens === 0) skip("zero-output-tokens");
      else rows.push(row);
    },
    build() {
      // A stable sort: rows of one moment stay in the order of the file.
      const ordered = rows.toSorted((a, b) => a.atMs - b.atMs);
      const origin = ordered[0]?.atMs ?? 0;
      const requests = ordered.map((row, id) => requestOf(row, id, origin));
      return { name, requests, skipped, problems, problemCount, blockTokens };
    },
  };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function requestOf(row: TraceRow, id: number, origin: number): TraceRequest {
  const client = row.client ?? "";
  return {
    id,
    arrivedAt: row.atMs - origin,
    client,
    tenant: row.tenant ?? "",
    model: row.model ?? "",
    route: row.route ?? "",
    classIndex: 0,
    inputTokens: row.inputTokens,
    maxOutputTokens: undefined,
    blocks: row.blocks ?? NO_BLOCKS,
    outputTokens: row.outputTokens,
  };
}
