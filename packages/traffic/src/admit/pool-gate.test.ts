import { describe, expect, it } from "vitest";
import {
  createPoolGate,
  enterGate,
  FAULT_MS,
  learnFault,
  learnLatency,
  learnRefusal,
  leaveGate,
  queueBefore,
  resizeGate,
} from "./pool-gate.ts";
import { predictWaitMs } from "./predict-drain.ts";

const BOUNDS = { minimum: 2, maximum: 100, initial: 100 };

/** A gate that has seen a queue: latencies rise a hundredfold while forty are under way. */
function slowGate(from: number): { gate: ReturnType<typeof createPoolGate>; now: number } {
  const gate = createPoolGate(BOUNDS, () => 0.5, from);
  const end = answer(gate, from, 1_000, 10);
  for (let count = 0; count < 40; count += 1) enterGate(gate);
  return { gate, now: answer(gate, end, 1_000, 1_000) };
}

function answer(gate: ReturnType<typeof createPoolGate>, from: number, count: number, latencyMs: number): number {
  let now = from;
  for (let each = 0; each < count; each += 1) {
    now += 10;
    learnLatency(gate, { kind: "answer", latencyMs }, now);
  }
  return now;
}

describe("the gate of a pool", () => {
  it("is lowered by latencies that say that a queue stands", () => {
    expect(slowGate(0).gate.limit).toBeLessThan(41);
  });

  it("is open after a fault and learns nothing from what is slow then", () => {
    const { gate, now } = slowGate(0);
    learnFault(gate, now);
    expect(gate.limit).toBe(BOUNDS.maximum);
    const later = answer(gate, now, FAULT_MS / 10 - 1, 1_000);
    expect(gate.limit).toBe(BOUNDS.maximum);
    answer(gate, later, 1_000, 1_000);
    expect(gate.limit).toBeLessThan(41);
  });

  it("holds nobody back when the first endpoints of its pool come, nor when others join or leave", () => {
    const gate = createPoolGate({ minimum: 1, maximum: 0, initial: 0 }, () => 0.5, 0);
    for (const endpoints of [1, 3, 1]) {
      resizeGate(gate, { minimum: 8 * endpoints, maximum: 256 * endpoints, initial: 256 * endpoints });
      expect(gate.limit).toBe(256 * endpoints);
    }
  });

  it("sheds nobody for what it saw before a fault", () => {
    const { gate, now } = slowGate(0);
    gate.shedder.share = 0.5;
    learnFault(gate, now);
    expect(gate.shedder.share).toBe(0);
  });

  it("takes the wait inside its pool for no service, and says how long what is too much keeps others waiting", () => {
    const gate = createPoolGate(BOUNDS, () => 0.5, 0);
    let now = 0;
    const end = (count: number, tookMs: number): void => {
      for (let each = 0; each < count; each += 1) {
        now += 12.5;
        learnLatency(gate, { kind: "answer", latencyMs: tookMs }, now);
        leaveGate(gate, tookMs, now);
        enterGate(gate);
      }
    };
    for (let count = 0; count < 8; count += 1) enterGate(gate);
    end(200, 100);
    expect(gate.serviceMs).toBeCloseTo(100);
    // Eighty a second are done, and eighty are there.
    for (let count = 0; count < 72; count += 1) enterGate(gate);
    end(80, 1_000);
    expect(gate.serviceMs).toBeLessThan(110);
    expect(gate.limit).toBeLessThan(20);
    const view = queueBefore(gate, 10);
    expect(view.surplus).toBe(80 - gate.limit);
    expect(predictWaitMs(view)).toBeGreaterThan(700);
    expect(predictWaitMs(view)).toBeLessThan(1_200);
  });

  it("steps down when the pool itself refuses, and counts those who leave", () => {
    const gate = createPoolGate(BOUNDS, () => 0.5, 0);
    enterGate(gate);
    learnRefusal(gate);
    leaveGate(gate, 10, 10);
    expect(gate).toMatchObject({ limit: 90, inFlight: 0, serviceMs: 10 });
  });
});
