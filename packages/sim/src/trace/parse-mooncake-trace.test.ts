import { describe, expect, it } from "vitest";
import { parseMooncakeTrace } from "./parse-mooncake-trace.ts";

const line = (row: unknown): string => JSON.stringify(row);

describe("parseMooncakeTrace", () => {
  it("keeps the full blocks of a prompt and leaves the partial one out", () => {
    const trace = parseMooncakeTrace(
      "m.jsonl",
      line({ timestamp: 27_482, input_length: 1_100, output_length: 3, hash_ids: [0, 7, 9] }),
    );
    expect(trace.requests[0]).toMatchObject({ inputTokens: 1_100, outputTokens: 3, blocks: [0, 7] });
    expect(trace.blockTokens).toBe(512);
  });

  it("invents no sharing where there are no ids", () => {
    const trace = parseMooncakeTrace("m.jsonl", line({ timestamp: 0, input_length: 5_000, output_length: 3 }));
    expect(trace.requests[0]?.blocks).toEqual([]);
  });

  it("names lines that it cannot use", () => {
    const lines = [
      "{",
      "3",
      line({ timestamp: 0, input_length: 2_000, output_length: 3, hash_ids: [1] }),
      line({ timestamp: "0", input_length: 20, output_length: 3 }),
      line({ timestamp: 0, input_length: 20, output_length: 0 }),
      line({ timestamp: 0, input_length: 20, output_length: 3, hash_ids: ["a"] }),
    ];
    const trace = parseMooncakeTrace("m.jsonl", lines.join("\n"));
    expect(trace.problems.map((problem) => problem.line)).toEqual([1, 2, 3, 4, 6]);
    expect(trace.skipped).toEqual({ "zero-output-tokens": 1 });
    expect(trace.requests).toEqual([]);
  });
});
