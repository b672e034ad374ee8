import { describe, expect, it } from "vitest";
import { parseCsvTrace } from "./parse-csv-trace.ts";

describe("parseCsvTrace", () => {
  it("reads Azure's dates, fractions of a millisecond included, and begins at 0", () => {
    const trace = parseCsvTrace(
      "azure.csv",
      "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:50.9951690,396,109\n",
    );
    expect(trace.requests.map(({ id, inputTokens, outputTokens }) => [id, inputTokens, outputTokens])).toEqual([
      [0, 374, 44],
      [1, 396, 109],
    ]);
    expect(trace.requests[0]?.arrivedAt).toBe(0);
    expect(trace.requests[1]?.arrivedAt).toBeCloseTo(4_314.579, 2);
    expect(trace.problemCount).toBe(0);
  });

  it("takes a zone into account", () => {
    const trace = parseCsvTrace(
      "azure.csv",
      "TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 01:00:00.5+01:00,1,1\n2024-05-10 00:00:02+00:00,1,1\n",
    );
    expect(trace.requests[1]?.arrivedAt).toBe(1_500);
  });

  it.each([
    ["arrival_s", 2_500],
    ["arrival_ms", 2.5],
  ])("tells seconds from milliseconds by the name of the column: %s", (column, expected) => {
    const text = `${column},client_id,input_tokens,output_tokens,client_prev6h_mean_output\n0,37,125,251,603.2\n2.5,18,16,938,1057\n`;
    const trace = parseCsvTrace("servegen.csv", text);
    expect(trace.requests[1]).toMatchObject({ arrivedAt: expected, client: "18", tenant: "", inputTokens: 16 });
  });

  it("refuses a time column whose unit it does not know", () => {
    const trace = parseCsvTrace("odd.csv", "when,input_tokens,output_tokens\n1,2,3\n");
    expect(trace.requests).toEqual([]);
    expect(trace.problems[0]).toMatchObject({ file: "odd.csv", line: 1 });
  });

  it("drops rows without tokens by name and names bad rows by file and line", () => {
    const rows = ["0,1,0,5", "1,1,5,0", "x,1,5,5", "2,1,-5,5", "3,1,5", "", "4,1,5.5,5", "5,1,5,5"];
    const trace = parseCsvTrace("t.csv", `arrival_s,client_id,input_tokens,output_tokens\n${rows.join("\n")}`);
    expect(trace.skipped).toEqual({ "zero-input-tokens": 1, "zero-output-tokens": 1 });
    expect(trace.problems.map(({ file, line }) => `${file}:${line}`)).toEqual([
      "t.csv:4",
      "t.csv:5",
      "t.csv:6",
      "t.csv:8",
    ]);
    expect(trace.requests).toHaveLength(1);
  });

  it("puts rows in order of time and leaves those of one moment in the order of the file", () => {
    const trace = parseCsvTrace("t.csv", "arrival_s,client_id,input_tokens,output_tokens\n5,a,1,1\n1,b,2,1\n5,c,3,1\n");
    expect(trace.requests.map(({ client, arrivedAt }) => [client, arrivedAt])).toEqual([
      ["b", 0],
      ["a", 4_000],
      ["c", 4_000],
    ]);
  });
});
