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

/** What the columns of a kind of trace are called, for whoever has to mend a row. */
export interface TraceFields {
  readonly time: string;
  readonly input: string;
  readonly output: string;
}

/** What stood in these columns, as it was written. */
export type SeenCells = Readonly<Record<keyof TraceFields, unknown>>;

/** Where a problem is, beside its line. */
export interface ProblemPlace {
  readonly field?: string;
  readonly seen?: unknown;
}

/** Collects the rows of one file. */
export interface TraceBuilder {
  add(line: number, row: TraceRow, seen?: SeenCells): void;
  skip(reason: SkipReason): void;
  problem(line: number, reason: string, place?: ProblemPlace): void;
  build(): Trace;
}

/** So many problems are kept word for word. */
const PROBLEMS_KEPT = 100;
const SEEN_CHARACTERS = 60;

const NO_BLOCKS: readonly number[] = Object.freeze([]);

/** `blockTokens`: of one block of the rows' prefixes, 0 where they have none. */
export function createTraceBuilder(
  name: string,
  { blockTokens = 0, fields }: { readonly blockTokens?: number; readonly fields?: TraceFields } = {},
): TraceBuilder {
  const rows: TraceRow[] = [];
  const skipped: Partial<Record<SkipReason, number>> = {};
  const problems: TraceProblem[] = [];
  let problemCount = 0;

  function problem(line: number, reason: string, { field, seen }: ProblemPlace = {}): void {
    problemCount += 1;
    if (problems.length >= PROBLEMS_KEPT) return;
    const place = { file: name, line, ...(field !== undefined && { field }) };
    problems.push({ ...place, ...(seen !== undefined && { seen: shorten(seen) }), reason });
  }
  function wrong(line: number, reason: string, column: keyof TraceFields, cells: SeenCells | undefined): void {
    const field = fields?.[column];
    const place = field === undefined ? {} : { field };
    if (cells === undefined) problem(line, reason, place);
    else if (cells[column] === undefined) problem(line, "the field is missing", place);
    else problem(line, reason, { ...place, seen: cells[column] });
  }
  function skip(reason: SkipReason): void {
    skipped[reason] = (skipped[reason] ?? 0) + 1;
  }

  return {
    skip,
    problem,
    add(line, row, cells) {
      if (!Number.isFinite(row.atMs)) wrong(line, "the time is not a number", "time", cells);
      else if (!isCount(row.inputTokens)) wrong(line, "the input tokens are not a whole number from 0", "input", cells);
      else if (!isCount(row.outputTokens))
        wrong(line, "the output tokens are not a whole number from 0", "output", cells);
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

function shorten(seen: unknown): string {
  const text = typeof seen === "string" ? seen : (JSON.stringify(seen) ?? "");
  const plain = text.replaceAll(/\p{Cc}|\ufffd/gu, "·");
  return plain.length > SEEN_CHARACTERS ? `${plain.slice(0, SEEN_CHARACTERS)}…` : plain;
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
