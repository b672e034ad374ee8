import { describe, expect, it } from "vitest";
import { NO_LIMITS, SNAPSHOT_FORMAT, type KeySnapshot, type LimitPolicy, type Snapshot } from "@flyball/core";
import { createFakeClock, seededRandom, type FakeClock } from "@flyball/fakes";
import { createLogger } from "@flyball/telemetry";
import { limitMemoryBytes, wrapLimitMemory } from "../limit-layout.ts";
import { createLimitRegistry, type CompiledLimit } from "../limit-registry.ts";
import { openLimitTable } from "../limit-table.ts";
import { createLeaseKeeper, type LeaseKeeper } from "./lease-keeper.ts";
import { createLeaseWaiters, type LeaseTurn } from "./lease-waiters.ts";
import { createBookLeaseStore, type BookLeaseStore } from "./testdata/book-lease-store.ts";

type CallEnd = "served" | "spent" | "late";

/** A gateway with one worker. Rings and wakes take as long as a message between two threads. */
interface Gateway {
  readonly keeper: LeaseKeeper;
  call(keyId: string): Promise<CallEnd>;
}

const MESSAGE_MS = 0.1;

function snapshotOf(policies: Readonly<Record<string, LimitPolicy>>): Snapshot {
  const keys = Object.entries(policies).map(([id, limits]): KeySnapshot => {
    return { id, hmac: id, service: "", models: [], limits };
  });
  const empty = { listeners: [], routes: [], pools: [], models: [] };
  return { format: SNAPSHOT_FORMAT, version: 1, hash: "h", app: "app", revision: 1, keys, ...empty };
}

function startGateway(
  clock: FakeClock,
  store: BookLeaseStore,
  policies: Readonly<Record<string, LimitPolicy>>,
  name: string,
): Gateway {
  const memory = wrapLimitMemory(new SharedArrayBuffer(limitMemoryBytes(1)));
  const registry = createLimitRegistry(memory, 1);
  const compiled = registry.compile(snapshotOf(policies), clock.now()) ?? {};
  const waiters = createLeaseWaiters(clock, memory);
  const keeper = createLeaseKeeper({
    memory,
    holder: 1,
    registry,
    connect: store.connect,
    origin: name,
    newId: () => name,
    knownSpent: () => 0,
    clock,
    logger: createLogger({ clock, level: "error", write: () => undefined }),
    wake: () => void clock.after(MESSAGE_MS, () => waiters.wake()),
  });
  keeper.follow();
  const table = openLimitTable(memory, 0, () => void clock.after(MESSAGE_MS, () => keeper.onLow()));
  const amounts = { requests: 1, tokens: 100, concurrency: 1, usd: 1_000, cny: 1_000 };
  return {
    keeper,
    call(keyId) {
      const limits = compiled[`key:${keyId}`] as readonly CompiledLimit[];
      const demands = limits.map(({ counter, unit }) => ({ counter, amount: amounts[unit] }));
      return new Promise((resolve) => {
        const attempt = (turn: LeaseTurn): void => {
          const outcome = table.reserve(demands, clock.now());
          if (outcome.kind === "reserved") {
            const used = demands.map(({ amount }) => amount);
            clock.after(20, () => table.settle(outcome.reservation, used, clock.now()));
            resolve("served");
          } else if (outcome.kind !== "short") resolve("spent");
          else {
            waiters.wait(outcome.asked, turn, { again: () => attempt(turn), over: resolve });
          }
        };
        attempt(waiters.begin());
      });
    },
  };
}

const PER_MINUTE = { unit: "requests", limit: 60_000, windowMs: 60_000 } as const;
const MONEY = { currency: "usd", microUnits: 1_000_000_000, per: "month" } as const;
const ALL: LimitPolicy = {
  ...NO_LIMITS,
  rates: [PER_MINUTE, { unit: "tokens", limit: 6_000_000, windowMs: 60_000 }],
  concurrency: 400,
  budgets: [MONEY],
};
const BUDGET: LimitPolicy = { ...NO_LIMITS, budgets: [MONEY] };

const count = (ends: readonly CallEnd[], end: CallEnd): number => ends.filter((each) => each === end).length;

describe("the leases of a gateway", () => {
  it("are asked for once for all calls that wait, and once for all limits of a call", async () => {
    const clock = createFakeClock();
    const store = createBookLeaseStore(clock, () => 10);
    const { keeper, call } = startGateway(clock, store, { k: ALL }, "a");
    await clock.advance(200);
    const before = store.reports.length;
    const calls = Promise.all(Array.from({ length: 200 }, () => call("k")));
    await clock.advance(14);
    expect(store.reports.length - before).toBeLessThanOrEqual(2);
    await clock.advance(100);
    expect(count(await calls, "served")).toBe(200);
    keeper.abandon();
  });

  it("are asked for one refill of a limit at a time, and those of another limit do not wait for it", async () => {
    const clock = createFakeClock();
    const store = createBookLeaseStore(clock, () => 16);
    const { keeper, call } = startGateway(clock, store, { a: BUDGET, b: BUDGET }, "g");
    await clock.advance(200);
    const first = call("a");
    await clock.advance(4);
    const began = clock.monotonic();
    const second = call("b").then((end) => [end, clock.monotonic() - began]);
    await clock.advance(4);
    const third = call("a");
    expect(store.underWay).toBe(2);
    await clock.advance(60);
    expect([await first, await third]).toEqual(["served", "served"]);
    // One round, not the rest of another one and then its own.
    expect(await second).toEqual(["served", expect.closeTo(16 + 2 * MESSAGE_MS, 5)]);
    const names = store.reports.map(({ limits }) => limits.map(({ name }) => name));
    expect(names.filter((list) => new Set(list).size !== list.length)).toEqual([]);
    keeper.abandon();
  });

  it("are told to be late while the store has not answered, never spent", async () => {
    const clock = createFakeClock();
    let answerMs = 2;
    const store = createBookLeaseStore(clock, () => answerMs);
    const { keeper, call } = startGateway(clock, store, { k: BUDGET }, "a");
    await clock.advance(200);
    answerMs = 60;
    const first = call("k");
    await clock.advance(27);
    expect(await first).toBe("late");
    // Who comes while it is late already does not wait.
    expect(await call("k")).toBe("late");
    answerMs = 2;
    await clock.advance(100);
    const last = call("k");
    await clock.advance(5);
    expect(await last).toBe("served");
    keeper.abandon();
  });

  it("go back when the calls that they were for are gone, so that another gateway has all of it at once", async () => {
    const clock = createFakeClock();
    let answerMs = 2;
    const store = createBookLeaseStore(clock, () => answerMs);
    const policies = { k: { ...NO_LIMITS, concurrency: 10, ratesOnStoreLoss: "refuse" as const } };
    const [first, second] = ["a", "b"].map((name) => startGateway(clock, store, policies, name)) as [Gateway, Gateway];
    await clock.advance(300);
    answerMs = 70;
    const late = Promise.all(Array.from({ length: 4 }, () => first.call("k")));
    await clock.advance(60);
    expect(count(await late, "late")).toBeGreaterThan(0);
    answerMs = 2;
    await clock.advance(500);
    const calls = Promise.all(Array.from({ length: 10 }, () => second.call("k")));
    await clock.advance(10);
    expect(count(await calls, "served")).toBe(10);
    first.keeper.abandon();
    second.keeper.abandon();
  });

  it("are spent when the store says so, at three gateways that share a rate: never above it, at least 99 in 100 served", async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const clock = createFakeClock();
      const random = seededRandom(seed);
      const store = createBookLeaseStore(clock, () => 0.5 + random() * 2);
      const policies = { k: { ...NO_LIMITS, rates: [{ ...PER_MINUTE, limit: 100 }] } };
      const gateways = ["a", "b", "c"].map((name) => startGateway(clock, store, policies, name));
      await clock.advance(1_500);
      const calls = Array.from({ length: 300 }, (_, index) => (gateways[index % 3] as Gateway).call("k"));
      await clock.advance(200);
      const ends = await Promise.all(calls);
      expect(count(ends, "served")).toBeLessThanOrEqual(100);
      expect(count(ends, "served")).toBeGreaterThanOrEqual(99);
      expect(count(ends, "late")).toBe(0);
      for (const { keeper } of gateways) keeper.abandon();
    }
  });

  it("are here before they are missed: of bursts that come every few seconds, on a store that is slow now and then, few calls are late", async () => {
    const clock = createFakeClock();
    const random = seededRandom(11);
    const store = createBookLeaseStore(clock, () => (random() < 0.05 ? 20 + 20 * random() : 1 + 2 * random()));
    const { rates, budgets } = ALL;
    const policy: LimitPolicy = { ...NO_LIMITS, rates, budgets, ratesOnStoreLoss: "refuse" };
    const { keeper, call } = startGateway(clock, store, { k: policy }, "a");
    await clock.advance(500);
    const calls: Promise<CallEnd>[] = [];
    for (let burst = 0; burst < 60; burst += 1) {
      const size = 100 + Math.floor(random() * 100);
      for (let index = 0; index < size; index += 1) {
        calls.push(call("k"));
        if (index % 10 === 9) await clock.advance(1);
      }
      await clock.advance(2_000 + random() * 2_000);
    }
    const ends = await Promise.all(calls);
    expect(count(ends, "spent")).toBe(0);
    expect(count(ends, "late")).toBeLessThan(ends.length / 500);
    // What is kept for the next burst is not given back piece by piece with every answer.
    expect(store.reports.length).toBeLessThan(60 * 5);
    keeper.abandon();
  });
});
