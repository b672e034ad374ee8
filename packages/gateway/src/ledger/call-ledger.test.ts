import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCallTarget } from "./call-target.ts";
import { ANSWERED, createLedgerRig, PRICE, used, type LedgerRig, type Policies } from "./testdata/ledger-rig.ts";
import { readLines } from "./testdata/read-lines.ts";

const TARGET = createCallTarget({ backend: "b", provider: "p", providerModel: "m", price: PRICE, limits: [] });
const DAY_BUDGET = { currency: "usd", microUnits: 100_000, per: "day" } as const;
const KEY: Policies = {
  "key:k": {
    rates: [
      { unit: "requests", limit: 10, windowMs: 60_000 },
      { unit: "tokens", limit: 50_000, windowMs: 60_000 },
    ],
    concurrency: 3,
    budgets: [DAY_BUDGET],
  },
  "backend:chat/0": { rates: [], budgets: [{ currency: "usd", microUnits: 3_000, per: "day" }] },
};
const REQUESTS = "key:k requests/60000";
const TOKENS = "key:k tokens/60000";
const AT_ONCE = "key:k concurrency";
const BUDGET = "key:k usd/day";
const BACKEND_BUDGET = "backend:chat/0 usd/day";

function standings(rig: LedgerRig): readonly number[] {
  return [REQUESTS, TOKENS, AT_ONCE, BUDGET].map((id) => rig.standing(id));
}

describe("the ledger of a call", () => {
  it("reserves the most that the call can use and settles what it used", () => {
    const rig = createLedgerRig(KEY);
    const account = rig.open();
    // 100 tokens in at 1 and 1,000 out at 2 micro-dollars.
    expect(standings(rig)).toEqual([1, 1_100, 1, 2_100]);
    const attempt = rig.attempt(account);
    rig.ledger.reportUsage(attempt, used(80, 10));
    rig.ledger.reportUsage(attempt, used(80, 30));
    rig.ledger.endAttempt(attempt, { outcome: "succeeded", isWorkDone: true, isWhole: true });
    const record = rig.ledger.settle(account, ANSWERED);
    expect(standings(rig)).toEqual([1, 110, 0, 140]);
    expect(record).toMatchObject({
      requestId: "r1",
      app: "shop",
      key: "k",
      backend: "chat/0",
      providerModel: "model",
      usage: used(80, 30),
      isEstimated: false,
      cost: { usd: 140, cny: 0, isUnknown: false },
      outcome: "answered",
    });
    expect(record?.attempts[0]).toMatchObject({ priceId: PRICE.id, outcome: "succeeded" });
    expect(rig.records).toEqual([record]);
  });

  it("settles once, whoever ends it how often", () => {
    const rig = createLedgerRig(KEY);
    const account = rig.open();
    const attempt = rig.attempt(account);
    rig.ledger.reportUsage(attempt, used(10, 10));
    expect(rig.ledger.settle(account, { ...ANSWERED, outcome: "cancelled", status: 0 })).toBeDefined();
    rig.ledger.endAttempt(attempt, { outcome: "succeeded", isWorkDone: true, isWhole: true });
    rig.ledger.reportUsage(attempt, used(99, 99));
    expect(rig.ledger.settle(account, ANSWERED)).toBeUndefined();
    expect(rig.records).toHaveLength(1);
    expect(rig.records[0]?.usage).toEqual(used(10, 10));
    expect(rig.table.held).toBe(0);
    expect(standings(rig)).toEqual([1, 20, 0, 30]);
  });

  it("gives everything back when nothing was sent", async () => {
    const rig = createLedgerRig(KEY);
    rig.ledger.settle(rig.open(), { ...ANSWERED, outcome: "failed", status: 503 });
    expect(standings(rig)).toEqual([0, 0, 0, 0]);
    await rig.clock.advance(20);
    expect(rig.disk.files.size).toBe(0);
    expect(rig.records[0]).toMatchObject({ attempts: [], backend: "", cost: { usd: 0 } });
  });

  it("names the limit that refuses, and when to come again", () => {
    const rig = createLedgerRig(KEY);
    for (let number = 0; number < 3; number += 1) rig.open();
    expect(rig.ledger.open(rig.call())).toMatchObject({ kind: "refused", limit: { id: AT_ONCE }, retryAfterMs: 1_000 });
    const rich = rig.ledger.open(rig.call({ outputTokens: 60_000, limits: rig.limits("key:k").slice(3) }));
    expect(rich).toMatchObject({ kind: "refused", limit: { id: BUDGET }, retryAfterMs: Number.POSITIVE_INFINITY });
  });

  it("counts a failed attempt that used tokens, and the next attempt reserves what is missing", () => {
    const rig = createLedgerRig(KEY);
    const account = rig.open();
    const first = rig.attempt(account);
    rig.ledger.deliver(first, 40);
    rig.ledger.reportUsage(first, used(100, 20));
    rig.ledger.endAttempt(first, { outcome: "reset", isWorkDone: true, isWhole: false });
    const second = rig.attempt(account, { backend: "chat/1" });
    expect(rig.standing(TOKENS)).toBe(120 + 1_100);
    expect(rig.standing(BUDGET)).toBe(140 + 2_100);
    rig.ledger.reportUsage(second, used(120, 50));
    rig.ledger.endAttempt(second, { outcome: "succeeded", isWorkDone: true, isWhole: true });
    const record = rig.ledger.settle(account, ANSWERED);
    expect(record).toMatchObject({ backend: "chat/1", usage: used(220, 70), cost: { usd: 360 } });
    expect(record?.attempts.map(({ outcome, usage }) => [outcome, usage])).toEqual([
      ["reset", used(100, 20)],
      ["succeeded", used(120, 50)],
    ]);
    expect(standings(rig)).toEqual([1, 290, 0, 360]);
  });

  it("counts nothing for an attempt that was refused before it did any work", () => {
    const rig = createLedgerRig(KEY);
    const account = rig.open();
    rig.ledger.endAttempt(rig.attempt(account), { outcome: "refused", isWorkDone: false, isWhole: false });
    expect(rig.ledger.settle(account, { ...ANSWERED, outcome: "failed", status: 502 })).toMatchObject({
      usage: used(0, 0),
      isEstimated: false,
      cost: { usd: 0, isUnknown: false },
    });
  });

  it("refuses another attempt that the limits do not cover, and leaves the call as it was", () => {
    const rig = createLedgerRig({ "key:k": { rates: [], budgets: [{ ...DAY_BUDGET, microUnits: 3_000 }] } });
    const account = rig.open();
    const first = rig.attempt(account);
    rig.ledger.reportUsage(first, used(100, 900));
    rig.ledger.endAttempt(first, { outcome: "reset", isWorkDone: true, isWhole: false });
    const second = rig.ledger.startAttempt(account, createCallTarget({ ...first.target, backend: "chat/1" }));
    expect(second).toMatchObject({ kind: "refused", limit: { id: BUDGET } });
    expect(rig.ledger.settle(account, { ...ANSWERED, outcome: "failed" })?.cost.usd).toBe(1_900);
    expect(rig.standing(BUDGET)).toBe(1_900);
  });

  it("holds the limits of a backend for its attempt alone", () => {
    const rig = createLedgerRig(KEY);
    const limits = rig.limits("backend:chat/0");
    const account = rig.open();
    const first = rig.attempt(account, { limits });
    expect(rig.standing(BACKEND_BUDGET)).toBe(2_100);
    const other = rig.open();
    const refused = rig.ledger.startAttempt(other, createCallTarget({ ...first.target, limits }));
    expect(refused).toMatchObject({ kind: "refused", limit: { id: BACKEND_BUDGET } });
    rig.attempt(other, { backend: "chat/1" });
    rig.ledger.reportUsage(first, used(100, 100));
    rig.ledger.endAttempt(first, { outcome: "succeeded", isWorkDone: true, isWhole: true });
    expect(rig.standing(BACKEND_BUDGET)).toBe(300);
    rig.ledger.settle(account, ANSWERED);
    expect(rig.standing(BACKEND_BUDGET)).toBe(300);
  });

  it("estimates what no provider reported, and says so", () => {
    const rig = createLedgerRig(KEY);
    const account = rig.open();
    const attempt = rig.attempt(account);
    rig.ledger.deliver(attempt, 1_000);
    const record = rig.ledger.settle(account, { ...ANSWERED, outcome: "cancelled", status: 0 });
    expect(record).toMatchObject({ isEstimated: true, estimateReason: "not-reported", usage: used(100, 504) });
    expect(rig.standing(TOKENS)).toBe(604);
  });

  it("does not serve on a budget what has no price, and serves the rest with an unknown cost", () => {
    const rig = createLedgerRig(KEY);
    expect(rig.ledger.open(rig.call({ prices: [PRICE, "unknown"] }))).toMatchObject({
      kind: "unpriced",
      limit: { id: BUDGET },
    });
    const free = rig.open({ limits: [], prices: ["unknown"] });
    const attempt = rig.attempt(free, { price: "unknown" });
    rig.ledger.reportUsage(attempt, used(1, 1));
    expect(rig.ledger.settle(free, ANSWERED)?.cost).toEqual({ usd: 0, cny: 0, isUnknown: true });
    const own = rig.open({ prices: ["own"] });
    rig.ledger.reportUsage(rig.attempt(own, { price: "own", provider: "" }), used(1, 1));
    expect(rig.ledger.settle(own, ANSWERED)?.cost).toEqual({ usd: 0, cny: 0, isUnknown: false });
  });

  it("keeps what was reserved on a budget when tokens without a price were used after all", () => {
    const rig = createLedgerRig(KEY);
    const account = rig.open();
    rig.ledger.reportUsage(rig.attempt(account), { ...used(10, 10), audioOutput: 5 });
    expect(rig.ledger.settle(account, ANSWERED)?.cost.isUnknown).toBe(true);
    expect(rig.standing(BUDGET)).toBe(2_100);
  });

  it("refuses calls with a budget while nothing can be written down, and no others", async () => {
    const rig = createLedgerRig(KEY, { isDiskOpen: false });
    const account = rig.open({ limits: rig.limits("key:k").slice(0, 1) });
    rig.attempt(account);
    await rig.clock.advance(10);
    rig.disk.finish({ error: new Error("ENOSPC") });
    for (let number = 0; !rig.journal.isFull; number += 1) rig.journal.settle(`x${number}`, `"${"x".repeat(90_000)}"`);
    expect(rig.ledger.open(rig.call())).toMatchObject({ kind: "journal-full", limit: { id: BUDGET } });
    expect(rig.ledger.open(rig.call({ limits: rig.limits("key:k").slice(0, 3) })).kind).toBe("opened");
  });

  it("writes the reservation of a call that lasts, and all shares of the settlement", async () => {
    const rig = createLedgerRig(KEY);
    const account = rig.open();
    const attempt = rig.attempt(account, { limits: rig.limits("backend:chat/0") });
    await rig.clock.advance(10);
    rig.ledger.reportUsage(attempt, used(100, 100));
    rig.ledger.settle(account, ANSWERED);
    await rig.journal.close();
    const [, reserve, , , settle, sums] = readLines(rig.disk.files.get("w.000001.journal") ?? "");
    const day = Date.UTC(2025, 0, 1);
    expect(reserve).toMatchObject({
      type: "reserve",
      id: account.id,
      requestId: "r1",
      subjects: { key: "k", tenant: "acme", model: "chat", backend: "chat/0" },
      inputTokens: 100,
      outputTokens: 1_000,
      cost: { usd: 2_100 },
      limits: [
        [REQUESTS, 1],
        [TOKENS, 1_100],
        [BUDGET, 2_100, day],
        [BACKEND_BUDGET, 2_100, day],
      ],
    });
    expect(settle).toMatchObject({
      limits: [
        [REQUESTS, 1],
        [TOKENS, 200],
        [BUDGET, 300, day],
        [BACKEND_BUDGET, 300, day],
      ],
    });
    expect(sums).toMatchObject({
      openLines: 0,
      spent: [
        [BUDGET, 300, day],
        [BACKEND_BUDGET, 300, day],
      ],
    });
  });
});

describe("a stream without a bound", () => {
  const policy: Policies = { "key:k": { rates: [{ unit: "tokens", limit: 5_000, windowMs: 60_000 }], budgets: [] } };

  it("grows its reservation by doubling and is cut when a limit is spent, never beyond it", () => {
    const rig = createLedgerRig(policy);
    const account = rig.open({ outputTokens: undefined });
    const attempt = rig.attempt(account);
    expect(rig.standing(TOKENS)).toBe(612);
    let delivered = 0;
    while (rig.ledger.deliver(attempt, 100) === undefined) delivered += 100;
    expect(rig.standing(TOKENS)).toBeLessThanOrEqual(5_000);
    // Half a token a byte: 4,900 tokens are left beside the prompt; no more than the smallest chunk of them stays unused.
    expect(delivered / 2).toBeGreaterThan(4_900 - 64 - 60);
    const record = rig.ledger.settle(account, { ...ANSWERED, outcome: "cut" });
    expect(record?.usage.output).toBeGreaterThanOrEqual(delivered / 2);
    expect(rig.standing(TOKENS)).toBeLessThanOrEqual(5_000);
  });

  it("names the limit of the backend when that is the one that is spent", () => {
    const rig = createLedgerRig({
      "backend:chat/0": { rates: [{ unit: "tokens", limit: 2_000, windowMs: 60_000 }], budgets: [] },
    });
    const account = rig.open({ limits: [], outputTokens: undefined });
    const attempt = rig.attempt(account, { limits: rig.limits("backend:chat/0") });
    let spent: unknown;
    for (let delivered = 0; spent === undefined && delivered < 10_000; delivered += 100) {
      spent = rig.ledger.deliver(attempt, 100);
    }
    expect(spent).toMatchObject({ limit: { subject: "backend:chat/0" }, asked: undefined });
    expect(rig.standing("backend:chat/0 tokens/60000")).toBeLessThanOrEqual(2_000);
  });

  it("is cut nowhere at a backend that was told a bound", () => {
    const rig = createLedgerRig(policy);
    const account = rig.open({ outputTokens: 1_000 });
    const attempt = rig.attempt(account);
    for (let chunk = 0; chunk < 200; chunk += 1) expect(rig.ledger.deliver(attempt, 100)).toBeUndefined();
    expect(rig.standing(TOKENS)).toBe(1_100);
  });

  it("writes few reservations for a long answer", async () => {
    const rig = createLedgerRig({ "key:k": { rates: [], budgets: [] } });
    const account = rig.open({ outputTokens: undefined, limits: [] });
    const attempt = rig.attempt(account);
    for (let chunk = 0; chunk < 2_000; chunk += 1) expect(rig.ledger.deliver(attempt, 40)).toBeUndefined();
    await rig.clock.advance(10);
    const reserves = readLines(rig.disk.files.get("w.000001.journal") ?? "").filter(({ type }) => type === "reserve");
    expect(reserves.length).toBeLessThan(13);
    expect(reserves.at(-1)).toMatchObject({ outputTokens: account.outputTokens });
  });
});

describe("limits under any row of calls", () => {
  it("never stand above their bound and come back to what was used", () => {
    const step = fc.record({
      what: fc.constantFrom("open", "attempt", "usage", "end", "settle"),
      which: fc.nat(5),
      input: fc.nat(100),
      output: fc.nat(1_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const rig = createLedgerRig({
          "key:k": {
            rates: [{ unit: "tokens", limit: 6_000, windowMs: 60_000 }],
            concurrency: 4,
            budgets: [{ ...DAY_BUDGET, microUnits: 9_000 }],
          },
        });
        const accounts = [];
        for (const { what, which, input, output } of steps) {
          const account = accounts[which];
          const attempt = account?.attempts.at(-1);
          if (what === "open") {
            const outcome = rig.ledger.open(rig.call());
            if (outcome.kind === "opened") accounts.push(outcome.account);
          } else if (what === "attempt" && account && !account.isSettled) {
            rig.ledger.startAttempt(account, TARGET);
          } else if (what === "usage" && attempt) rig.ledger.reportUsage(attempt, used(input, output));
          else if (what === "end" && attempt)
            rig.ledger.endAttempt(attempt, { outcome: "reset", isWorkDone: input % 2 === 0, isWhole: false });
          else if (what === "settle" && account) rig.ledger.settle(account, ANSWERED);
          expect(rig.standing(TOKENS)).toBeLessThanOrEqual(6_000);
          expect(rig.standing(BUDGET)).toBeLessThanOrEqual(9_000);
        }
        for (const account of accounts) rig.ledger.settle(account, ANSWERED);
        expect(rig.records).toHaveLength(accounts.length);
        expect(rig.table.held).toBe(0);
        expect(rig.standing(AT_ONCE)).toBe(0);
        const sum = rig.records.reduce((total, { cost }) => total + cost.usd, 0);
        expect(rig.standing(BUDGET)).toBe(sum);
      }),
      { numRuns: 50 },
    );
  }, 30_000);
});
