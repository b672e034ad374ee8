import { describe, expect, it } from "vitest";
import {
  createPoolGate,
  enterGate,
  FAULT_MS,
  learnFault,
  learnLatency,
  learnRefusal,
  leaveGate,
  resizeGate,
} from "./pool-gate.ts";

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
    learnLatency(gate, "answer", latencyMs, now);
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

  it("steps down when the pool itself refuses, and counts those who leave", () => {
    const gate = createPoolGate(BOUNDS, () => 0.5, 0);
    enterGate(gate);
    learnRefusal(gate);
    leaveGate(gate, 10);
    expect(gate).toMatchObject({ limit: 90, inFlight: 0, serviceMs: 10 });
  });
});
