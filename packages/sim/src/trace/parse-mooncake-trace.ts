// Mooncake's traces: one JSON object a line, times in milliseconds, and for each prompt the ids of its blocks of 512 tokens. An id stands for
// the whole prefix up to its block, so equal ids are equal prefixes: it is the one public source that tells of prefix sharing.
import { createTraceBuilder } from "./trace-builder.ts";
import type { Trace } from "./trace-request.ts";

/** Tokens of one block of such a trace. */
export const MOONCAKE_BLOCK_TOKENS = 512;

interface MooncakeRow {
  readonly timestamp?: unknown;
  readonly input_length?: unknown;
  readonly output_length?: unknown;
  readonly hash_ids?: unknown;
}

/** Reads JSON lines. The last, partial block of a prompt is left out: engines share full blocks only. */
export function parseMooncakeTrace(name: string, text: string): Trace {
  const builder = createTraceBuilder(name, MOONCAKE_BLOCK_TOKENS);
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const row = parseRow(line);
    if (typeof row === "string") {
      builder.problem(index + 1, row);
      continue;
    }
    const inputTokens = Number(row.input_length);
    const full = Math.floor(inputTokens / MOONCAKE_BLOCK_TOKENS);
    const ids = row.hash_ids ?? [];
    if (!isIdList(ids)) {
      builder.problem(index + 1, "hash_ids is not a list of whole numbers");
    } else if (ids.length > 0 && ids.length < full) {
      builder.problem(index + 1, `${ids.length} hash_ids are too few for ${inputTokens} input tokens`);
    } else {
      const atMs = typeof row.timestamp === "number" ? row.timestamp : Number.NaN;
      builder.add(index + 1, {
        atMs,
        inputTokens,
        outputTokens: Number(row.output_length),
        blocks: ids.slice(0, full),
      });
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
