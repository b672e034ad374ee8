import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frameJournalLine, readJournalLine } from "./journal-line.ts";
import { packRecord, quoteRecord } from "./journal-record.ts";
import type { LedgerRecord } from "./ledger-record.ts";
import type { TokenUsage } from "./token-usage.ts";

const count = fc.nat(1_000_000_000);
const usage: fc.Arbitrary<TokenUsage> = fc.record({
  input: count,
  cacheRead: count,
  cacheWrite5m: count,
  cacheWrite1h: count,
  audioInput: count,
  imageInput: count,
  output: count,
  reasoning: count,
  audioOutput: count,
});
const text = fc.string({ unit: "binary" });
const attempt = fc.record({
  backend: text,
  provider: text,
  model: text,
  outcome: fc.constantFrom("succeeded" as const, "reset" as const),
  usage,
  isEstimated: fc.boolean(),
  priceId: fc.option(text, { nil: undefined }),
  startedAt: count,
  durationMs: count,
});
const record: fc.Arbitrary<LedgerRecord> = fc
  .record({
    id: text,
    requestId: text,
    time: count,
    app: text,
    key: text,
    tenant: text,
    route: text,
    model: text,
    backend: text,
    provider: text,
    providerModel: text,
    attempts: fc.array(attempt, { maxLength: 3 }),
    usage,
    estimateReason: fc.constantFrom(undefined, "not-reported" as const, "lost" as const),
    cost: fc.record({ usd: count, cny: count, isUnknown: fc.boolean() }),
    status: fc.nat(599),
    outcome: fc.constantFrom("answered" as const, "cut" as const, "lost" as const),
    ttftMs: fc.option(count, { nil: undefined }),
    durationMs: count,
    isResumed: fc.boolean(),
    isHedged: fc.boolean(),
    isCached: fc.boolean(),
  })
  .map((facts) => ({ ...facts, isEstimated: facts.estimateReason !== undefined }));

function settleLine(value: LedgerRecord): string {
  const packed = packRecord(value, quoteRecord(value));
  return frameJournalLine(`{"v":1,"type":"settle","at":1,"reservedAt":1,"limits":[],"record":${packed}}`);
}

describe("a journal line", () => {
  it("gives back any record unchanged, and is one line", () => {
    fc.assert(
      fc.property(record, (value) => {
        const line = settleLine(value);
        expect(line.indexOf("\n")).toBe(line.length - 1);
        expect(readJournalLine(line.slice(0, -1))).toMatchObject({ type: "settle", record: value });
      }),
    );
  });

  it("writes the usage of a single attempt once", () => {
    fc.assert(
      fc.property(record, attempt, (value, only) => {
        const shared = { ...value, usage: only.usage, attempts: [only] };
        const apart = { ...value, usage: only.usage, attempts: [{ ...only, usage: { ...only.usage } }] };
        expect(settleLine(shared).length).toBeLessThan(settleLine(apart).length);
        expect(readJournalLine(settleLine(shared).trimEnd())).toEqual(readJournalLine(settleLine(apart).trimEnd()));
      }),
    );
  });

  it("is not read when it was torn anywhere, or is of another version", () => {
    fc.assert(
      fc.property(record, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (value, share) => {
        const line = settleLine(value).slice(0, -1);
        expect(readJournalLine(line.slice(0, Math.floor(line.length * share)))).toBeUndefined();
        expect(readJournalLine(line.slice(Math.ceil(line.length * share) + 1))).toBeUndefined();
      }),
    );
    expect(readJournalLine(frameJournalLine('{"v":2,"type":"sums"}').trimEnd())).toBeUndefined();
    expect(readJournalLine("")).toBeUndefined();
  });
});
