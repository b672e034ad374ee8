import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KeySnapshot, LimitPolicy, Snapshot } from "@flyball/core";
import { readBudget, readRate } from "@flyball/traffic";
import { counterAt, limitMemoryBytes, MAX_RESERVATIONS, wrapLimitMemory, type LimitMemory } from "./limit-layout.ts";
import { createLimitRegistry, type CompiledLimit } from "./limit-registry.ts";
import { openLimitTable, type Demand } from "./limit-table.ts";
import { reclaimWorker } from "./reclaim-worker.ts";

const NOW = 1_700_000_000_000;
const MAIN = 9;

const POLICY: LimitPolicy = {
  rates: [
    { unit: "requests", limit: 100, windowMs: 60_000 },
    { unit: "tokens", limit: 10_000, windowMs: 60_000 },
  ],
  concurrency: 8,
  budgets: [{ currency: "usd", microUnits: 1_000_000, per: "day" }],
  ratesOnStoreLoss: "local-share",
  budgetsOnStoreLoss: "refuse",
};

function snapshotOf(limits: Readonly<Record<string, LimitPolicy | undefined>>): Snapshot {
  const keys = Object.entries(limits).map(([id, policy]): KeySnapshot => {
    return { id, hmac: id, service: "", models: [], ...(policy ? { limits: policy } : {}) };
  });
  return {
    format: "flyball.snapshot/v1",
    version: 1,
    hash: "h",
    app: "app",
    revision: 1,
    listeners: [],
    routes: [],
    pools: [],
    models: [],
    keys,
  };
}

function setUp(policy: LimitPolicy = POLICY) {
  const memory = wrapLimitMemory(new SharedArrayBuffer(limitMemoryBytes(2)));
  const registry = createLimitRegistry(memory, MAIN);
  const limits = registry.compile(snapshotOf({ k1: policy }), NOW)?.["key:k1"] ?? [];
  return { memory, registry, limits, tables: [openLimitTable(memory, 0), openLimitTable(memory, 1)] as const };
}

/** What one call wants: a request, tokens, a place, money. */
function demandsOf(limits: readonly CompiledLimit[], tokens = 10, money = 100): Demand[] {
  const amounts = { requests: 1, tokens, concurrency: 1, usd: money, cny: money };
  return limits.map(({ counter, unit }) => ({ counter, amount: amounts[unit] }));
}

/** Everything that stands in the counters of one subject. */
function read(memory: LimitMemory, limits: readonly CompiledLimit[], now = NOW) {
  return limits.map(({ counter }) => {
    const place = { cells: memory.cells, at: counterAt(counter.index) + 1 };
    if (counter.kind === "rate") return readRate(place, now).used;
    if (counter.kind === "concurrency") return memory.cells[place.at + 1];
    const { spent, reserved } = readBudget(place);
    return { spent, reserved };
  });
}

describe("the limit table", () => {
  it("counts every demand of a call and gives back what was not used", () => {
    const { memory, limits, tables } = setUp();
    const outcome = tables[0].reserve(demandsOf(limits, 500, 3_000), NOW);
    if (outcome.kind !== "reserved") throw new Error(outcome.kind);
    expect(read(memory, limits)).toEqual([1, 500, 1, { spent: 0, reserved: 3_000 }]);
    tables[0].settle(outcome.reservation, [1, 120, 1, 700], NOW);
    expect(read(memory, limits)).toEqual([1, 120, 0, { spent: 700, reserved: 0 }]);
    expect(tables[0].held).toBe(0);
  });

  it("counts nothing of a call that does not fit, and says when it will", () => {
    const { memory, limits, tables } = setUp();
    tables[0].reserve(demandsOf(limits, 9_995), NOW);
    const before = read(memory, limits);
    const refused = tables[1].reserve(demandsOf(limits, 10), NOW + 5_000);
    expect(refused).toEqual({ kind: "refused", demand: 1, retryAfterMs: 56_000, isStoreAway: false });
    expect(read(memory, limits, NOW + 5_000)).toEqual(before);
    expect(tables[1].reserve(demandsOf(limits, 10_001), NOW)).toMatchObject({ retryAfterMs: Number.POSITIVE_INFINITY });
  });

  it("refuses the call beyond the requests at once of all workers together", () => {
    const { limits, tables } = setUp();
    const kinds = Array.from({ length: 9 }, (_, index) => tables[(index % 2) as 0 | 1].reserve(demandsOf(limits), NOW));
    expect(kinds.map(({ kind }) => kind)).toEqual([...Array<string>(8).fill("reserved"), "refused"]);
  });

  it("grows a reservation while there is room", () => {
    const { memory, limits, tables } = setUp();
    const outcome = tables[0].reserve(demandsOf(limits, 9_000), NOW);
    if (outcome.kind !== "reserved") throw new Error(outcome.kind);
    expect(tables[0].extend(outcome.reservation, 1, 1_000, NOW + 3_000)).toEqual({ kind: "extended" });
    expect(tables[0].extend(outcome.reservation, 1, 1, NOW + 3_000)).toEqual({ kind: "spent" });
    tables[0].settle(outcome.reservation, [1, 9_100, 1, 0], NOW + 4_000);
    expect(read(memory, limits, NOW + 4_000)[1]).toBe(9_100);
  });

  it("keeps counts over snapshots and begins anew for a subject that comes back", () => {
    const { memory, registry, limits, tables } = setUp();
    const held = tables[0].reserve(demandsOf(limits), NOW);
    const same = registry.compile(snapshotOf({ k1: { ...POLICY, concurrency: 20 }, k2: POLICY }), NOW);
    expect(same?.["key:k1"]?.map(({ counter }) => counter)).toEqual(limits.map(({ counter }) => counter));
    expect(read(memory, limits)[0]).toBe(1);
    registry.compile(snapshotOf({ k2: POLICY }), NOW);
    const back = registry.compile(snapshotOf({ k1: POLICY, k2: POLICY }), NOW)?.["key:k1"] ?? [];
    expect(read(memory, back)).toEqual([0, 0, 0, { spent: 0, reserved: 0 }]);
    if (held.kind === "reserved") tables[0].settle(held.reservation, [1, 10, 1, 5], NOW);
    expect(read(memory, back)).toEqual([0, 0, 0, { spent: 0, reserved: 0 }]);
  });

  it("begins a budget anew when its day has ended, with what is reserved then", () => {
    const { memory, registry, limits, tables } = setUp();
    const outcome = tables[0].reserve(demandsOf(limits, 10, 999_000), NOW);
    expect(tables[0].reserve(demandsOf(limits, 10, 2_000), NOW).kind).toBe("refused");
    registry.turnPeriods(NOW + 86_400_000);
    expect(read(memory, limits, NOW)[3]).toEqual({ spent: 0, reserved: 999_000 });
    if (outcome.kind === "reserved") tables[0].settle(outcome.reservation, [1, 10, 1, 999_000], NOW);
    expect(read(memory, limits, NOW)[3]).toEqual({ spent: 999_000, reserved: 0 });
  });

  it("is full when a worker holds as many reservations as it can", () => {
    const { limits, tables } = setUp();
    const plain = demandsOf(
      limits.filter(({ unit }) => unit === "tokens"),
      1,
    );
    for (let index = 0; index < MAX_RESERVATIONS; index += 1) tables[0].reserve(plain, NOW);
    expect(tables[0].reserve(plain, NOW).kind).toBe("full");
    expect(tables[1].reserve(plain, NOW).kind).toBe("reserved");
  });

  it("ends with nothing held after any order of calls, refusals and a dead worker", () => {
    const step = fc.record({ worker: fc.nat(1), tokens: fc.nat(4_000), ends: fc.boolean(), afterMs: fc.nat(5_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { memory, registry, limits, tables } = setUp();
        const open: [number, number][] = [];
        let now = NOW;
        for (const { worker, tokens, ends, afterMs } of steps) {
          now += afterMs;
          const outcome = tables[worker as 0 | 1].reserve(demandsOf(limits, tokens), now);
          if (outcome.kind === "reserved") open.push([worker, outcome.reservation]);
          const used = read(memory, limits, now);
          expect(used[0]).toBeLessThanOrEqual(100);
          expect(used[1]).toBeLessThanOrEqual(10_000);
          const [from, reservation] = (ends && open.shift()) || [];
          if (from !== undefined && reservation !== undefined) {
            tables[from as 0 | 1].settle(reservation, [1, 1, 1, 1], now);
          }
        }
        const lost = reclaimWorker(memory, { dead: 0, holder: MAIN, workers: 2, kinds: registry.kinds }, now);
        expect(lost).toBe(open.filter(([worker]) => worker === 0).length);
        for (const [worker, reservation] of open) if (worker === 1) tables[1].settle(reservation, [1, 1, 1, 1], now);
        expect(read(memory, limits, now)[2]).toBe(0);
        expect(read(memory, limits, now)[3]).toMatchObject({ reserved: 0 });
        expect(read(memory, limits, now + 120_000).slice(0, 2)).toEqual([0, 0]);
      }),
      { numRuns: 60 },
    );
  });

  it("opens the lock of a worker that died inside it and makes its sums whole", () => {
    const { memory, registry, limits, tables } = setUp();
    tables[1].reserve(demandsOf(limits, 100, 50), NOW);
    // It had counted the window's total but no step, and a place that no row knows.
    Atomics.store(memory.lock, 0, 1);
    const [requests, , concurrency] = limits.map(({ counter }) => counterAt(counter.index) + 1);
    memory.cells[(requests as number) + 3] = 40;
    memory.cells[(concurrency as number) + 1] = 5;
    reclaimWorker(memory, { dead: 0, holder: MAIN, workers: 2, kinds: registry.kinds }, NOW);
    expect(Atomics.load(memory.lock, 0)).toBe(0);
    expect(read(memory, limits)).toEqual([1, 100, 1, { spent: 0, reserved: 50 }]);
  });

  it("admits exactly the limit when two threads reserve as fast as they can", async () => {
    const policy = { ...POLICY, rates: [{ unit: "requests", limit: 5_000, windowMs: 60_000 }] } as const;
    const { memory, limits } = setUp({ ...policy, budgets: [], concurrency: 1_000_000 });
    const entry = new URL("./testdata/reserve-in-thread.ts", import.meta.url);
    const admitted = await Promise.all(
      [0, 1].map((worker) => {
        const workerData = { buffer: memory.buffer, worker, demands: demandsOf(limits), calls: 4_000, now: NOW };
        const thread = new Worker(entry, { workerData });
        return new Promise<number>((resolve, reject) => {
          thread.once("message", resolve);
          thread.once("error", reject);
        });
      }),
    );
    expect((admitted[0] ?? 0) + (admitted[1] ?? 0)).toBe(5_000);
    expect(read(memory, limits)).toEqual([5_000, 0]);
  });
});
