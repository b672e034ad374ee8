import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCooldownBuffer, wrapCooldownTable } from "./cooldown-table.ts";
import { MAX_SLOTS } from "./in-flight-table.ts";

const TICK_MS = 16;
const slot = (index: number, generation = 1) => ({ index, generation });

/** Two threads whose own clocks began 500 ms apart. */
function twoViews() {
  const shared = () => 1_000_000;
  const buffer = createCooldownBuffer(shared());
  return [wrapCooldownTable(buffer, () => 700, shared), wrapCooldownTable(buffer, () => 200, shared)] as const;
}

describe("the cooldown table", () => {
  it("tells another thread, in that thread's own time", () => {
    const [one, other] = twoViews();
    one.raise(slot(3), 700 + 2_000);
    expect(other.until(slot(3))).toBeGreaterThanOrEqual(200 + 2_000);
    expect(other.until(slot(3))).toBeLessThan(200 + 2_000 + TICK_MS);
    expect(other.until(slot(4))).toBe(Number.NEGATIVE_INFINITY);
  });

  it("never ends a cooldown before its time and never shortens one", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 4e6 })), { minLength: 1 }), (raises) => {
        const [one, other] = twoViews();
        let latest = 0;
        for (const [isOne, lengthMs] of raises) {
          if (isOne) one.raise(slot(0), 700 + lengthMs);
          else other.raise(slot(0), 200 + lengthMs);
          latest = Math.max(latest, lengthMs);
          expect(one.until(slot(0)) - 700).toBeGreaterThanOrEqual(latest);
          expect(one.until(slot(0)) - 700).toBeLessThan(latest + TICK_MS);
        }
      }),
    );
  });

  it("ignores old generations in every operation", () => {
    const [table] = twoViews();
    table.raise(slot(5, 1), 5_000);
    expect(table.until(slot(5, 2))).toBe(Number.NEGATIVE_INFINITY);
    table.raise(slot(5, 2), 1_000);
    table.raise(slot(5, 1), 90_000);
    table.clear(slot(5, 1));
    expect(table.until(slot(5, 1))).toBe(Number.NEGATIVE_INFINITY);
    expect(table.until(slot(5, 2))).toBeLessThan(1_000 + TICK_MS);
    expect(table.until(slot(5, 2))).toBeGreaterThanOrEqual(1_000);
  });

  it("knows the earliest end of several, and that one is free", () => {
    const [table] = twoViews();
    table.raise(slot(1), 5_000);
    table.raise(slot(2), 3_000);
    expect(table.earliest([slot(1), slot(2)])).toBe(table.until(slot(2)));
    expect(table.earliest([slot(1), slot(2), slot(9)])).toBe(Number.NEGATIVE_INFINITY);
    expect(table.earliest([])).toBe(Number.POSITIVE_INFINITY);
  });

  it("can be ended by hand", () => {
    const [table] = twoViews();
    table.raise(slot(1), 5_000);
    table.clear(slot(1));
    expect(table.until(slot(1))).toBe(Number.NEGATIVE_INFINITY);
  });

  it("has room for the last slot and a year", () => {
    const [table] = twoViews();
    const year = 365 * 86_400_000;
    table.raise(slot(MAX_SLOTS - 1), year);
    expect(table.until(slot(MAX_SLOTS - 1))).toBeGreaterThanOrEqual(year);
  });

  it("agrees on the time with a real thread that started later", async () => {
    const table = wrapCooldownTable(createCooldownBuffer(), () => performance.now());
    const file = new URL("./cooldown-table.ts", import.meta.url).href;
    const source = `
      const { workerData, parentPort } = require("node:worker_threads");
      import(workerData.file).then(({ wrapCooldownTable }) => {
        const table = wrapCooldownTable(workerData.buffer, () => performance.now());
        for (let turn = 1; turn <= 10_000; turn += 1) table.raise({ index: 0, generation: 1 }, performance.now() + turn);
        const at = process.hrtime.bigint();
        table.raise({ index: 1, generation: 1 }, performance.now() + 60_000);
        parentPort.postMessage(at);
      });`;
    const worker = new Worker(source, { eval: true, workerData: { file, buffer: table.buffer } });
    const end = performance.now() + 3_600_000;
    for (let turn = 10_000; turn > 0; turn -= 1) table.raise(slot(0), end - turn);
    const raisedAt = await new Promise<bigint>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    const agoMs = Number(process.hrtime.bigint() - raisedAt) / 1e6;
    await worker.terminate();
    const leftMs = table.until(slot(1)) - performance.now();
    expect(Math.abs(leftMs + agoMs - 60_000)).toBeLessThan(TICK_MS + 50);
    expect(table.until(slot(0))).toBeGreaterThanOrEqual(end - 1);
  });
});
