// The simulated engine, run faster than the clock, and the bare batch in a small event loop do the same work in the same
// time: whatever is measured on one holds for the other.

import { createBatch, ENGINE_PROFILES } from "@flyball/engine-model";
import type { EngineProfile, Sequence } from "@flyball/engine-model";
import { describe, expect, it } from "vitest";
import type { EngineClock } from "../openai/engine-clock.ts";
import { machineClock } from "../openai/engine-clock.ts";
import { createManualClock } from "./manual-clock.ts";
import { readPrompt } from "./read-prompt.ts";
import { seededRandom } from "./seeded-random.ts";
import { createSimulatedEngine } from "./simulated-engine.ts";

interface Arrival {
  readonly atMs: number;
  readonly text: string;
  readonly outputTokens: number;
}

interface Measured {
  readonly steps: number;
  /** Mean over requests of the time between two tokens, in milliseconds of the engine. */
  readonly tpotMs: number;
  readonly ttftP50Ms: number;
}

/** Poisson arrivals of a few conversations whose prompts share their beginnings. */
function createArrivals(requests: number, perSecond: number, seed: number): readonly Arrival[] {
  const random = seededRandom(seed);
  let atMs = 0;
  return Array.from({ length: requests }, (_, index) => {
    atMs += (-Math.log(1 - random()) / perSecond) * 1000;
    const system = `system${Math.floor(random() * 4)} `.repeat(64);
    const question = `question${index} `.repeat(20 + Math.floor(random() * 300));
    return { atMs, text: system + question, outputTokens: 16 + Math.floor(random() ** 3 * 200) };
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

function measure(
  steps: number,
  arrivals: readonly Arrival[],
  firstMs: readonly number[],
  lastMs: readonly number[],
): Measured {
  const gaps = arrivals.map(({ outputTokens }, index) => (at(lastMs, index) - at(firstMs, index)) / (outputTokens - 1));
  const waits = arrivals.map(({ atMs }, index) => at(firstMs, index) - atMs);
  return { steps, tpotMs: mean(gaps), ttftP50Ms: median(waits) };
}

const at = (values: readonly number[], index: number): number => values[index] ?? Number.NaN;

/** The event loop: the clock jumps to the end of the step or, when the engine is idle, to the next arrival. */
function runBatch(profile: EngineProfile, arrivals: readonly Arrival[]): Measured {
  const batch = createBatch(profile);
  const firstMs: number[] = [];
  const lastMs: number[] = [];
  let nowMs = 0;
  let next = 0;
  const arrive = (): void => {
    for (let arrival = arrivals[next]; arrival !== undefined; arrival = arrivals[next]) {
      if (arrival.atMs + profile.requestOverheadMs > nowMs) return;
      const { tokens, blocks } = readPrompt(`user\n${arrival.text}`, profile.blockTokens);
      batch.add({ id: next, promptTokens: tokens, outputTokens: arrival.outputTokens, blocks });
      next += 1;
    }
  };
  const note = (times: number[], sequences: readonly Sequence[]): void => {
    for (const { id } of sequences) times[id] = nowMs;
  };
  while (next < arrivals.length || batch.running + batch.waiting > 0) {
    arrive();
    const durationMs = batch.beginStep();
    if (durationMs === undefined) {
      nowMs = (arrivals[next]?.atMs ?? nowMs) + profile.requestOverheadMs;
      continue;
    }
    nowMs += durationMs;
    const { first, finished } = batch.endStep();
    note(firstMs, first);
    note(lastMs, finished);
  }
  return measure(batch.steps, arrivals, firstMs, lastMs);
}

/** The same arrivals as requests to the engine. `idle` waits for the clock until it resolves. */
async function runEngine(
  profile: EngineProfile,
  arrivals: readonly Arrival[],
  {
    clock,
    speed,
    pass,
  }: { readonly clock: EngineClock; readonly speed: number; readonly pass: (done: Promise<unknown>) => Promise<void> },
): Promise<Measured> {
  const engine = createSimulatedEngine({ profile, clock, speed, maxWaiting: 10_000 });
  const startedMs = clock.monotonic();
  const engineMs = (): number => (clock.monotonic() - startedMs) * speed;
  const firstMs: number[] = [];
  const lastMs: number[] = [];
  const done = arrivals.map(
    ({ atMs, text, outputTokens }, index) =>
      new Promise<void>((resolve) => {
        clock.after(atMs / speed, () => {
          const request = {
            messages: [{ role: "user", text }],
            maxTokens: outputTokens,
            stop: [],
            simulatedOutputTokens: outputTokens,
          };
          const admission = engine.generate(request, new AbortController().signal);
          if (admission.outcome !== "admitted") throw new Error(admission.outcome);
          const read = async (): Promise<void> => {
            for await (const _piece of admission.pieces) firstMs[index] ??= engineMs();
            lastMs[index] = engineMs();
            resolve();
          };
          void read();
        });
      }),
  );
  await pass(Promise.all(done));
  return measure(engine.steps(), arrivals, firstMs, lastMs);
}

function expectSame(seen: Measured, expected: Measured, tolerance: number): void {
  expect(Math.abs(seen.steps / expected.steps - 1)).toBeLessThan(tolerance);
  expect(Math.abs(seen.tpotMs / expected.tpotMs - 1)).toBeLessThan(tolerance);
}

describe("the engine and the bare batch", () => {
  it("agree in steps, time per token and time to the first token on a clock without delays", async () => {
    const profile = { ...ENGINE_PROFILES["8b-a100"], maxConcurrency: 24, kvCapacityTokens: 4000 };
    const arrivals = createArrivals(400, 14, 1);
    const expected = runBatch(profile, arrivals);
    const clock = createManualClock();
    const pass = async (): Promise<void> => {
      while (await clock.runNext());
    };
    const seen = await runEngine(profile, arrivals, { clock, speed: 16, pass });
    expectSame(seen, expected, 0.01);
    expect(Math.abs(seen.ttftP50Ms / expected.ttftP50Ms - 1)).toBeLessThan(0.01);
  });

  // On a machine that has no time for it, arrivals come late and together: then it is tried again.
  it(
    "agree within a twentieth on the machine's clock, four times faster than it",
    { retry: 4, timeout: 60_000 },
    async () => {
      const profile = ENGINE_PROFILES["8b-a100"];
      const arrivals = createArrivals(70, 8, 2);
      const expected = runBatch(profile, arrivals);
      // The machine's timers do not keep the test alive; one that does, holds it.
      const holder = setInterval(() => {}, 1000);
      const pass = async (done: Promise<unknown>): Promise<void> => void (await done);
      const seen = await runEngine(profile, arrivals, { clock: machineClock, speed: 4, pass });
      clearInterval(holder);
      expectSame(seen, expected, 0.05);
    },
  );
});
