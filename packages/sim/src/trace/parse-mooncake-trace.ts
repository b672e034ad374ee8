// Mooncake's traces: one JSON object a line, times in milliseconds, and for each prompt the ids of its blocks of 512 tokens. An id stands for
// the whole prefix up to its block, so equal ids are equal prefixes: it is the one public source that tells of prefix sharing.
import { createTraceBuilder } from "./trace-builder.ts";
import type { Trace } from "./trace-request.ts";

/** Tokens of one block of such a trace. */
export const MOONCAKE_BLOCK_TOKENS = 512;

const FIELDS = { time: "timestamp", input: "input_length", output: "output_length" } as const;

interface MooncakeRow {
  readonly timestamp?: unknown;
  readonly input_length?: unknown;
  readonly output_length?: unknown;
  readonly hash_ids?: unknown;
}

/** Reads JSON lines. The last, partial block of a prompt is left out: engines share full blocks only. */
export function parseMooncakeTrace(name: string, text: string): Trace {
  const builder = createTraceBuilder(name, { blockTokens: MOONCAKE_BLOCK_TOKENS, fields: FIELDS });
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const row = parseRow(line);
    if (typeof row === "string") {
      builder.problem(index + 1, row, { seen: line });
      continue;
    }
    const inputTokens = Number(row.input_length);
    const full = Math.floor(inputTokens / MOONCAKE_BLOCK_TOKENS);
    const ids = row.hash_ids ?? [];
    if (!isIdList(ids)) {
      builder.problem(index + 1, "hash_ids is not a list of whole numbers", { field: "hash_ids", seen: ids });
    } else if (ids.length > 0 && ids.length < full) {
      const reason = `${ids.length} hash_ids are too few for ${inputTokens} input tokens`;
      builder.problem(index + 1, reason, { field: "hash_ids" });
    } else {
      const atMs = typeof row.timestamp === "number" ? row.timestamp : Number.NaN;
      const outputTokens = Number(row.output_length);
      const seen = { time: row.timestamp, input: row.input_length, output: row.output_length };
      builder.add(index + 1, { atMs, inputTokens, outputTokens, blocks: ids.slice(0, full) }, seen);
    }
  }
  return builder.build();
}

function parseRow(line: string): MooncakeRow | string {
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === "object" && value !== null ? value : "not a JSON object";
  } catch {
    return "not JSON";
  }
}

function isIdList(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((id) => Number.isSafeInteger(id));
}
