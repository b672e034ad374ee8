// The timing of the simulated engine, to the millisecond on a clock that the test moves.

import { describe, expect, it } from "vitest";
import type { Admission, GeneratedPiece } from "../openai/engine.ts";
import { createManualClock } from "./manual-clock.ts";
import type { ManualClock } from "./manual-clock.ts";
import { createSimulatedEngine } from "./simulated-engine.ts";
import type { SimulatedEngineOptions } from "./simulated-engine.ts";

const profile = {
  prefillTokensPerSecond: 1000,
  stepBaseMs: 10,
  perSequenceMs: 1,
  maxConcurrency: 2,
  maxTokensPerStep: 64,
};

/** A prompt of this many tokens, the role being one of them. */
const promptOf = (tokens: number): string => Array.from({ length: tokens - 1 }, () => "word").join(" ");

interface Run {
  readonly pieces: GeneratedPiece[];
  /** Time at which each piece came. */
  readonly atMs: number[];
  readonly done: Promise<void>;
  readonly leave: () => void;
}

function setUp(
  options: SimulatedEngineOptions = {},
  lateMs = 0,
): {
  readonly clock: ManualClock;
  readonly engine: ReturnType<typeof createSimulatedEngine>;
  readonly ask: (tokens: number, maxTokens: number) => Run;
  readonly admit: (tokens: number, maxTokens?: number) => Admission;
} {
  const clock = createManualClock();
  const engineClock = { ...clock, after: (ms: number, run: () => void) => clock.after(ms + lateMs, run) };
  const engine = createSimulatedEngine({ profile, outputTokens: 3, clock: engineClock, ...options });
  const request = (tokens: number, maxTokens: number | undefined): Parameters<typeof engine.generate>[0] => ({
    messages: [{ role: "user", text: promptOf(tokens) }],
    maxTokens,
    stop: [],
  });
  const admit = (tokens: number, maxTokens?: number): Admission =>
    engine.generate(request(tokens, maxTokens), new AbortController().signal);
  const ask = (tokens: number, maxTokens: number): Run => {
    const controller = new AbortController();
    const admission = engine.generate(request(tokens, maxTokens), controller.signal);
    if (admission.outcome !== "admitted") throw new Error(admission.outcome);
    const run: { pieces: GeneratedPiece[]; atMs: number[] } = { pieces: [], atMs: [] };
    const read = async (): Promise<void> => {
      for await (const piece of admission.pieces) {
        run.pieces.push(piece);
        run.atMs.push(clock.monotonic());
      }
    };
    return { ...run, done: read(), leave: () => controller.abort() };
  };
  return { clock, engine, ask, admit };
}

async function runAll(clock: ManualClock): Promise<void> {
  while (await clock.runNext());
}

describe("timing", () => {
  it("takes prefill and base for the first token, then a step for each", async () => {
    const { clock, ask } = setUp();
    const run = ask(50, 3);
    await runAll(clock);
    await run.done;
    // 10 + 50 tokens at 1 ms; then twice 10 + 1 sequence at 1 ms.
    expect(run.atMs).toEqual([60, 71, 82]);
  });

  it("reads a long prompt in chunks, each in a step of its own", async () => {
    const { clock, ask } = setUp();
    const run = ask(100, 1);
    await runAll(clock);
    expect(run.atMs).toEqual([10 + 64 + 10 + 36]);
  });

  it("delays everybody's next token while a prompt is read", async () => {
    const { clock, ask } = setUp();
    const first = ask(10, 3);
    await clock.runNext();
    const second = ask(40, 1);
    await runAll(clock);
    // The newcomer joins at the step after the one that has begun.
    expect(first.atMs).toEqual([20, 31, 31 + 11 + 40]);
    expect(second.atMs).toEqual([31 + 11 + 40]);
  });

  it("makes a third request wait until one of two places is free", async () => {
    const { clock, engine, ask } = setUp();
    const runs = [ask(10, 1), ask(10, 2), ask(10, 1)];
    expect(engine.load()).toMatchObject({ running: 2, waiting: 1 });
    await clock.runNext();
    expect(engine.load()).toMatchObject({ running: 2, waiting: 0 });
    await runAll(clock);
    // The first runs alone in the step that it began; the two others read their prompts together.
    expect(runs.map(({ atMs }) => atMs)).toEqual([[20], [50, 61], [50]]);
    expect(engine.load()).toEqual({ running: 0, waiting: 0, kvUsage: 0 });
  });

  it("makes up for timers that come late", async () => {
    const { clock, ask } = setUp({}, 2);
    const run = ask(10, 3);
    await runAll(clock);
    // 20, 31, 42 without the 2 ms: they do not add up.
    expect(run.atMs).toEqual([22, 33, 44]);
  });
});

describe("bounds", () => {
  it("refuses what the waiting queue has no room for", () => {
    const { admit } = setUp({ maxWaiting: 1 });
    const outcomes = [admit(10), admit(10), admit(10), admit(10)].map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["admitted", "admitted", "admitted", "saturated"]);
  });

  it("admits into a free place when nothing may wait", () => {
    const { admit } = setUp({ maxWaiting: 0 });
    expect([admit(10), admit(10), admit(10)].map(({ outcome }) => outcome)).toEqual([
      "admitted",
      "admitted",
      "saturated",
    ]);
  });

  it("refuses for good what exceeds the key-value memory", () => {
    const { admit } = setUp({ profile: { ...profile, kvCapacityTokens: 50 } });
    expect(admit(48)).toEqual({
      outcome: "too-long",
      explanation: "The prompt of 48 tokens and its answer of 3 exceed the 50 tokens of this engine.",
    });
    expect(admit(47).outcome).toBe("admitted");
  });

  it("lets a request wait that fits only later", async () => {
    const { clock, engine, ask } = setUp({ profile: { ...profile, kvCapacityTokens: 50 } });
    const runs = [ask(30, 1), ask(30, 1)];
    expect(engine.load()).toMatchObject({ running: 1, waiting: 1 });
    await clock.runNext();
    expect(engine.load().kvUsage).toBe(0);
    await runAll(clock);
    expect(runs.map(({ atMs }) => atMs)).toEqual([[40], [80]]);
  });

  it("tells the share of key-value memory in use", async () => {
    const { clock, engine, ask } = setUp({ profile: { ...profile, kvCapacityTokens: 100 } });
    ask(20, 3);
    await clock.runNext();
    expect(engine.load().kvUsage).toBeCloseTo(0.21, 9);
  });
});

describe("a client that leaves", () => {
  it("gives its place to the next at once", async () => {
    const { clock, engine, ask } = setUp({ profile: { ...profile, maxConcurrency: 1 } });
    const first = ask(50, 3);
    const second = ask(10, 1);
    first.leave();
    await first.done;
    expect(first.pieces).toEqual([]);
    expect(engine.load()).toMatchObject({ running: 1, waiting: 0 });
    await runAll(clock);
    expect(second.atMs).toEqual([20]);
  });

  it("leaves no timer behind", async () => {
    const { clock, ask } = setUp();
    const run = ask(50, 3);
    expect(clock.pending()).toBe(1);
    run.leave();
    expect(clock.pending()).toBe(0);
  });

  it("leaves the waiting queue too", async () => {
    const { engine, ask } = setUp({ profile: { ...profile, maxConcurrency: 1 } });
    ask(50, 3);
    ask(50, 3).leave();
    expect(engine.load()).toMatchObject({ running: 1, waiting: 0 });
  });
});

describe("the text", () => {
  it("is the same for the same prompt and another for another, one token a word", async () => {
    const { clock, ask } = setUp({ outputTokens: 20 });
    const runs = [ask(10, 20), ask(10, 20), ask(11, 20)];
    await runAll(clock);
    const [first, second, third] = runs.map(({ pieces }) => pieces.map(({ text }) => text).join(""));
    expect(first).toBe(second);
    expect(first).not.toBe(third);
    expect(first?.split(" ")).toHaveLength(20);
  });

  it("has a length that the prompt decides when nobody else does", () => {
    const clock = createManualClock();
    const engine = createSimulatedEngine({ clock, profile: { kvCapacityTokens: 60 } });
    const outcomes = new Set<string>();
    for (let tokens = 2; tokens < 20; tokens++) {
      const request = { messages: [{ role: "user", text: promptOf(tokens) }], maxTokens: undefined, stop: [] };
      outcomes.add(engine.generate(request, new AbortController().signal).outcome);
    }
    expect(outcomes).toContain("too-long");
  });
});
