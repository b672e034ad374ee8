// Flyball's own records: what an app really served, to be served again in simulation. Either the gateway's journal files or the records of the
// ledger as JSON, one a line. They hold no text and no prefixes, so no prefix sharing comes from them.
import { inputTokens, outputTokens, readJournalLine, type LedgerRecord } from "@flyball/core";
import { createTraceBuilder, type TraceBuilder } from "./trace-builder.ts";
import type { Trace } from "./trace-request.ts";

/** Reads journal lines or JSON records, line by line, in one file or mixed. Lines of a journal that settle nothing are passed over. */
export function parseLedgerTrace(name: string, text: string): Trace {
  const builder = createTraceBuilder(name, { fields: { time: "time", input: "usage", output: "usage" } });
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const record = recordOf(line);
    if (typeof record === "string") builder.problem(index + 1, record, { seen: line });
    else if (record !== undefined) addRecord(builder, index + 1, record);
  }
  return builder.build();
}

function addRecord(builder: TraceBuilder, line: number, record: LedgerRecord): void {
  if (record.outcome !== "answered" || record.isCached) {
    // What was cut, refused or answered from a cache says nothing of the work that it would have been.
    builder.skip("not-answered");
    return;
  }
  builder.add(line, {
    atMs: record.time,
    inputTokens: inputTokens(record.usage),
    outputTokens: outputTokens(record.usage),
    client: record.key,
    tenant: record.tenant,
    model: record.model,
    route: record.route,
  });
}

function recordOf(line: string): LedgerRecord | string | undefined {
  if (!line.startsWith("{")) {
    const read = readJournalLine(line);
    if (read === undefined) return "neither a journal line nor JSON";
    return read.type === "settle" ? read.record : undefined;
  }
  try {
    const value = JSON.parse(line) as Partial<LedgerRecord>;
    if (typeof value.time !== "number" || typeof value.usage !== "object") return "not a record of the ledger";
    return value as LedgerRecord;
  } catch {
    return "not JSON";
  }
}
