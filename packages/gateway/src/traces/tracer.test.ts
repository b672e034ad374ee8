import { createFakeClock } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import type { FinishedCall } from "./finished-call.ts";
import { createSpanIds } from "./span-ids.ts";
import { createTracer, type Tracer } from "./tracer.ts";
import { parseTraceParent } from "./trace-context.ts";

const PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0";

function rig(sampleRatio = 1, followsParent = true) {
  const clock = createFakeClock();
  let seed = 1;
  const ids = createSpanIds((block) => {
    for (let at = 0; at < block.length; at += 1) {
      seed = (seed * 48_271) % 2_147_483_647;
      block[at] = seed >>> 8;
    }
  });
  const batches: { calls: readonly FinishedCall[]; dropped: number }[] = [];
  const tracer = createTracer({
    settings: { sampleRatio, followsParent },
    ids,
    clock,
    send: (calls, dropped) => void batches.push({ calls, dropped }),
  });
  return { clock, tracer, batches };
}

const call = (tracer: Tracer): FinishedCall =>
  ({ trace: tracer.begin(undefined) }) as Partial<FinishedCall> as FinishedCall;

describe("createTracer", () => {
  it("goes on with the caller's trace and follows its flag", () => {
    const { tracer } = rig(1);
    expect(tracer.begin(`${PARENT}1`)).toMatchObject({
      traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
      parentSpanId: "00f067aa0ba902b7",
      isSampled: true,
    });
    expect(tracer.begin(`${PARENT}0`).isSampled).toBe(false);
    expect(rig(1, false).tracer.begin(`${PARENT}0`).isSampled).toBe(true);
    expect(tracer.begin("nonsense").parentSpanId).toBeUndefined();
  });

  it("keeps the share of the traces that begin here", () => {
    const { tracer } = rig(0.25);
    const sampled = Array.from({ length: 4_000 }, () => tracer.begin(undefined)).filter(({ isSampled }) => isSampled);
    expect(sampled.length).toBeGreaterThan(850);
    expect(sampled.length).toBeLessThan(1_150);
    expect(rig(0).tracer.begin(undefined).isSampled).toBe(false);
  });

  it("gives each attempt a span of its own in the same trace", () => {
    const { tracer } = rig();
    const trace = tracer.begin(`${PARENT}1`);
    const told = [tracer.beginAttempt(trace, "a:1"), tracer.beginAttempt(trace, "b:2")].map(parseTraceParent);
    expect(told.map((parent) => parent?.spanId)).toEqual(trace.attempts.map(({ spanId }) => spanId));
    expect(new Set([trace.spanId, ...trace.attempts.map(({ spanId }) => spanId)]).size).toBe(3);
    expect(told.every((parent) => parent?.traceId === trace.traceId && parent.isSampled)).toBe(true);
  });

  it("sends small batches, the rest each second, and counts what found no room", async () => {
    const { tracer, batches, clock } = rig();
    for (let count = 0; count < 2_050; count += 1) tracer.add(call(tracer));
    expect(batches).toEqual([]);
    await clock.advance(1_000);
    expect(batches.reduce((sum, { calls }) => sum + calls.length, 0)).toBe(2_048);
    expect(Math.max(...batches.map(({ calls }) => calls.length))).toBe(64);
    expect(batches.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(2);
    tracer.add(call(tracer));
    tracer.flush();
    expect(batches.at(-1)?.calls).toHaveLength(1);
  });
});
