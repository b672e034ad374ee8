// A worker thread is ended at random points of its work, two hundred calls in its hands: what it held is taken back whole.
// `npm run test:long` does it a thousand times.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { NO_LIMITS, type Snapshot } from "@flyball/core";
import { seededRandom } from "@flyball/fakes";
import { readBudget, readRate } from "@flyball/traffic";
import { snapshot } from "../testdata/snapshots.ts";
import { counterAt, limitMemoryBytes, wrapLimitMemory } from "./limit-layout.ts";
import { createLimitRegistry } from "./limit-registry.ts";
import { openLimitTable } from "./limit-table.ts";
import { reclaimWorker } from "./reclaim-worker.ts";

const ROUNDS = process.env["FLYBALL_TEST_LONG"] === "1" ? 1_000 : 12;
const HELD = 200;
const NOW = 1_700_000_000_000;
const ENTRY = new URL("./testdata/hold-in-thread.ts", import.meta.url);
const LIMIT = 1_000_000_000;

function limited(): Snapshot {
  const limits = {
    ...NO_LIMITS,
    rates: [{ unit: "tokens", limit: LIMIT, windowMs: 60_000 }],
    concurrency: LIMIT,
    budgets: [{ currency: "usd", microUnits: LIMIT * 1_000, per: "day" }],
  } as const;
  return snapshot(1, { keys: [{ id: "k1", hmac: "k1", service: "", models: [], limits }] });
}

it(
  `leaves nothing behind when a worker ends with ${HELD} calls in flight, at ${ROUNDS} random points`,
  { timeout: ROUNDS * 1_000 },
  async () => {
    const random = seededRandom(7);
    const memory = wrapLimitMemory(new SharedArrayBuffer(limitMemoryBytes(2)));
    const registry = createLimitRegistry(memory, 2);
    const compiled = registry.compile(limited(), NOW)?.["key:k1"] ?? [];
    const demands = compiled.map(({ counter, unit }) => ({ counter, amount: unit === "concurrency" ? 1 : 10 }));
    const places = compiled.map(({ counter }) => ({ cells: memory.cells, at: counterAt(counter.index) + 1 }));
    const [tokens, concurrency, budget] = places as [(typeof places)[0], (typeof places)[0], (typeof places)[0]];
    // Another worker holds one call all the while: it must keep it.
    const other = openLimitTable(memory, 1).reserve(demands, NOW);
    for (let round = 0; round < ROUNDS; round += 1) {
      const workerData = { buffer: memory.buffer, worker: 0, demands, held: HELD, now: NOW };
      const thread = new Worker(ENTRY, { workerData });
      await once(thread, "message");
      const until = performance.now() + random() * 5;
      while (performance.now() < until);
      await thread.terminate();
      const lost = reclaimWorker(memory, { dead: 0, holder: 2, workers: 2, kinds: registry.kinds }, NOW);
      expect(lost).toBeGreaterThanOrEqual(HELD);
      expect(Atomics.load(memory.lock, 0)).toBe(0);
      expect(memory.cells[concurrency.at + 1]).toBe(1);
      expect(readBudget(budget).reserved).toBe(10);
      expect(readRate(tokens, NOW + 86_400_000).used).toBeLessThanOrEqual(LIMIT);
      const steps = memory.cells.subarray(tokens.at + 4, tokens.at + 65);
      expect(memory.cells[tokens.at + 3]).toBe(steps.reduce((sum, amount) => sum + amount, 0));
    }
    expect(other.kind).toBe("reserved");
  },
);
