import { NO_USAGE, type LedgerRecord } from "@flyball/core";
import { createOutputPredictor, type AnswerOutcome, type RequestTraits } from "@flyball/traffic";
import { describe, expect, it } from "vitest";
import type { AttemptAccount, CallAccount } from "../ledger/call-account.ts";
import { learnCall } from "./learn-call.ts";
import { createTokenScales } from "./token-scales.ts";

const TRAITS: RequestTraits = {
  key: "k1",
  model: "chat",
  route: "api",
  shape: "",
  promptHash: 0,
  inputTokens: 100,
  maxOutputTokens: undefined,
};

type Lesson = readonly [tokens: number, outcome: AnswerOutcome];

interface Case {
  readonly attempts?: readonly Partial<AttemptAccount>[];
  readonly record?: Partial<LedgerRecord>;
  readonly traits?: Partial<RequestTraits>;
  readonly isOutputText?: boolean;
}

/** What is learned of a call. */
function lessonsOf({ attempts = [{}], record = {}, traits = {}, isOutputText = true }: Case): readonly Lesson[] {
  const lessons: Lesson[] = [];
  const start = { isInputText: true, inputBytes: 400, inputTokens: 150, isOutputText };
  const whole = attempts.map((attempt) => ({
    outcome: "succeeded",
    isEstimated: false,
    contentBytes: 800,
    usage: { ...NO_USAGE, input: 100, output: 200 },
    call: { start },
    ...attempt,
  }));
  const predictor = createOutputPredictor();
  learnCall(
    { predictor: { ...predictor, learn: (_, ...lesson) => void lessons.push(lesson) }, scales: createTokenScales() },
    { traits: { ...TRAITS, ...traits }, prediction: predictor.predict(TRAITS), inputTokens: 100 },
    { start, attempts: whole } as unknown as CallAccount,
    { outcome: "answered", isCached: false, isResumed: false, ...record } as LedgerRecord,
  );
  return lessons;
}

describe("what a call teaches of answers", () => {
  it("is its length as the backend counted it, thinking included", () => {
    expect(lessonsOf({})).toEqual([[200, "complete"]]);
    const usage = { ...NO_USAGE, input: 100, output: 200, reasoning: 300 };
    expect(lessonsOf({ attempts: [{ usage }] })).toEqual([[500, "complete"]]);
  });

  it("is that it would have been longer, where a bound cut it or its client left", () => {
    expect(lessonsOf({ traits: { maxOutputTokens: 200 } })).toEqual([[200, "truncated"]]);
    expect(lessonsOf({ traits: { maxOutputTokens: 300 } })).toEqual([[200, "complete"]]);
    const cancelled = {
      attempts: [{ outcome: "cancelled" as const, isEstimated: true }],
      record: { outcome: "cancelled" as const },
    };
    // 800 bytes, a quarter of a token each; not the ledger's own estimate, which is meant to be too high.
    expect(lessonsOf(cancelled)).toEqual([[200, "truncated"]]);
  });

  it("is nothing, where nobody answered, the answer was kept from before, or is no text", () => {
    for (const outcome of ["failed", "refused", "shed", "lost"] as const)
      expect(lessonsOf({ record: { outcome } })).toEqual([]);
    expect(lessonsOf({ record: { isCached: true } })).toEqual([]);
    expect(lessonsOf({ attempts: [] })).toEqual([]);
    expect(lessonsOf({ isOutputText: false })).toEqual([]);
    expect(lessonsOf({ attempts: [{ usage: NO_USAGE }] })).toEqual([]);
  });

  it("is the whole of a resumed answer, and of a hedged one the attempt that won", () => {
    const lost = { outcome: "cancelled" as const, isEstimated: true, contentBytes: 0 };
    expect(lessonsOf({ attempts: [lost, {}], record: { isHedged: true } })).toEqual([[200, "complete"]]);
    const cut = { outcome: "reset" as const, isEstimated: true, contentBytes: 400 };
    expect(lessonsOf({ attempts: [cut, {}], record: { isResumed: true } })).toEqual([[300, "complete"]]);
  });
});
