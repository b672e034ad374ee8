import { describe, expect, it } from "vitest";
import { ANSWERED, createLedgerRig, used, type Policies } from "./testdata/ledger-rig.ts";

const KEY: Policies = { "key:k": { rates: [{ unit: "tokens", limit: 50_000, windowMs: 60_000 }], budgets: [] } };

describe("what an attempt is held to have used", () => {
  it("adds to a report from the midst of an answer what came after it, and takes the report of a whole one as it is", () => {
    const rig = createLedgerRig(KEY);
    const cut = rig.open();
    const first = rig.attempt(cut);
    // Anthropic tells the input and a first token at the beginning.
    rig.ledger.reportUsage(first, used(80, 1));
    rig.ledger.deliver(first, 400);
    const record = rig.ledger.settle(cut, { ...ANSWERED, outcome: "cancelled", status: 0 });
    expect(record).toMatchObject({ isEstimated: true, estimateReason: "not-reported", usage: used(80, 1 + 204) });
    const running = rig.open();
    const second = rig.attempt(running);
    rig.ledger.deliver(second, 400);
    rig.ledger.reportUsage(second, used(80, 90));
    expect(rig.ledger.settle(running, ANSWERED)).toMatchObject({ isEstimated: false, usage: used(80, 90) });
    const whole = rig.open();
    const third = rig.attempt(whole);
    const reported = used(80, 90);
    rig.ledger.reportUsage(third, reported);
    rig.ledger.deliver(third, 400);
    rig.ledger.endAttempt(third, { outcome: "succeeded", isWorkDone: true, isWhole: true });
    expect(rig.ledger.settle(whole, ANSWERED)).toMatchObject({ isEstimated: false, usage: reported });
  });

  it("settles what is no text at what was reserved, when nobody counted it", () => {
    const rig = createLedgerRig(KEY);
    const account = rig.open({ isInputText: false, isOutputText: false, inputTokens: 1_000, outputTokens: 700 });
    rig.attempt(account);
    const record = rig.ledger.settle(account, ANSWERED);
    expect(record).toMatchObject({ isEstimated: true, usage: used(1_000, 700) });
  });

  it("learns nothing of a beginning, and nothing of parts that are no text", () => {
    const rig = createLedgerRig({ "key:k": { rates: [], budgets: [] } });
    const before = rig.estimator.estimate("model", { input: 400, output: 400 });
    for (const isWhole of [true, false]) {
      for (let number = 0; number < 300; number += 1) {
        const account = rig.open({ limits: [], isInputText: false });
        const attempt = rig.attempt(account);
        if (!isWhole) rig.ledger.deliver(attempt, 400);
        rig.ledger.reportUsage(attempt, used(400, isWhole ? 9_000 : 1));
        rig.ledger.endAttempt(attempt, { outcome: "succeeded", isWorkDone: true, isWhole });
        rig.ledger.settle(account, ANSWERED);
      }
    }
    expect(rig.estimator.estimate("model", { input: 400, output: 400 })).toEqual(before);
  });
});
