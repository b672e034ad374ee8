// The timing of the simulated engine, to the millisecond on a clock that the test moves.

import { describe, expect, it } from "vitest";
import type { Admission, GeneratedPiece, GenerationRequest } from "../openai/engine.ts";
import { createManualClock } from "./manual-clock.ts";
import type { ManualClock } from "./manual-clock.ts";
import { createSimulatedEngine } from "./simulated-engine.ts";
import type { SimulatedEngineOptions } from "./simulated-engine.ts";

/** A token costs 1 ms, a step 10 ms more; a block is a token. */
const profile = {
  stepBaseMs: 0,
  perTokenMs: 1,
  perContextTokenMs: 0,
  attentionMs: 0,
  perSequenceMs: 0,
  stepOverheadMs: 10,
  requestOverheadMs: 0,
  maxConcurrency: 2,
  maxTokensPerStep: 64,
  blockTokens: 1,
  hasPrefixCache: false,
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
  readonly ask: (tokens: number, maxTokens: number, fields?: Partial<GenerationRequest>) => Run;
  readonly admit: (tokens: number, fields?: Partial<GenerationRequest>) => Admission;
} {
  const clock = createManualClock();
  const engineClock = { ...clock, after: (ms: number, run: () => void) => clock.after(ms + lateMs, run) };
  const engine = createSimulatedEngine({ profile, outputTokens: 3, clock: engineClock, ...options });
  const request = (tokens: number, fields: Partial<GenerationRequest>): GenerationRequest => ({
    messages: [{ role: "user", text: promptOf(tokens) }],
    maxTokens: undefined,
    stop: [],
    ...fields,
  });
  const admit = (tokens: number, fields: Partial<GenerationRequest> = {}): Admission =>
    engine.generate(request(tokens, fields), new AbortController().signal);
  const ask = (tokens: number, maxTokens: number, fields: Partial<GenerationRequest> = {}): Run => {
    const controller = new AbortController();
    const admission = engine.generate(request(tokens, { maxTokens, ...fields }), controller.signal);
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
    // 10 + 50 tokens at 1 ms; then twice 10 + 1 token.
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
    // The first has begun a step alone; the others are seen at its end.
    expect(engine.load()).toMatchObject({ running: 1, waiting: 2 });
    await clock.runNext();
    expect(engine.load()).toMatchObject({ running: 2, waiting: 0 });
    await runAll(clock);
    // The two others read their prompts together.
    expect(runs.map(({ atMs }) => atMs)).toEqual([[20], [50, 61], [50]]);
    expect(engine.load()).toMatchObject({ running: 0, waiting: 0, kvUsage: 0 });
  });

  it("makes up for timers that come late", async () => {
    const { clock, ask } = setUp({}, 2);
    const run = ask(10, 3);
    await runAll(clock);
    // 20, 31, 42 without the 2 ms: they do not add up.
    expect(run.atMs).toEqual([22, 33, 44]);
  });

  it("runs as many times faster than the clock as it is told", async () => {
    const { clock, ask } = setUp({ speed: 100, profile: { ...profile, requestOverheadMs: 40 } });
    const run = ask(50, 3);
    await runAll(clock);
    expect(run.atMs).toEqual([1, 1.11, 1.22].map((ms) => expect.closeTo(ms, 9) as number));
  });

  it("ends several steps at once when a timer comes so late that they are over", async () => {
    const { clock, engine, ask } = setUp({ speed: 100, outputTokens: 40 }, 1);
    const run = ask(10, 40);
    await runAll(clock);
    // 449 ms of the engine are 4.49 of the clock; timers that are 1 ms late each would make it 44.
    expect(run.atMs.at(-1)).toBeLessThan(7);
    expect(engine.steps()).toBe(40);
  });

  it("lets a request arrive only after the time that the engine's front takes", async () => {
    const { clock, engine, ask } = setUp({ profile: { ...profile, requestOverheadMs: 15 } });
    const run = ask(50, 1);
    expect(engine.load()).toMatchObject({ running: 0, waiting: 0 });
    await runAll(clock);
    expect(run.atMs).toEqual([15 + 60]);
  });

  it("takes another time with jitter, the same for the same seed", async () => {
    const lastMs: (number | undefined)[] = [];
    for (const seed of [1, 1, 2]) {
      const { clock, ask } = setUp({ profile: { ...profile, jitter: 0.1 }, seed });
      const run = ask(10, 20);
      await runAll(clock);
      lastMs.push(run.atMs.at(-1));
    }
    expect(lastMs[0]).toBe(lastMs[1]);
    expect(lastMs[0]).not.toBe(lastMs[2]);
    expect(lastMs[0]).not.toBe(20 + 19 * 11);
  });
});

describe("bounds", () => {
  it.each([0, 15])("refuses what the waiting queue has no room for, also with %i ms before they arrive", (ms) => {
    const { admit } = setUp({ maxWaiting: 1, profile: { ...profile, requestOverheadMs: ms } });
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
    expect(admit(49)).toEqual({
      outcome: "too-long",
      explanation: "The prompt of 49 tokens and its answer of 3 exceed the 50 tokens of this engine.",
    });
    // Nobody reads the last token, so it needs no memory.
    expect(admit(48).outcome).toBe("admitted");
  });

  it("lets a request wait that fits only later", async () => {
    const { clock, engine, ask } = setUp({ profile: { ...profile, kvCapacityTokens: 50 } });
    const runs = [ask(30, 1), ask(30, 1)];
    expect(engine.load()).toMatchObject({ running: 1, waiting: 1 });
    await clock.runNext();
    expect(engine.load()).toMatchObject({ running: 1, waiting: 0, kvUsage: 0.6 });
    await runAll(clock);
    expect(runs.map(({ atMs }) => atMs)).toEqual([[40], [80]]);
  });

  it("tells the share of key-value memory in use", async () => {
    const { clock, engine, ask } = setUp({ profile: { ...profile, kvCapacityTokens: 100 } });
    ask(20, 3);
    expect(engine.load().kvUsage).toBeCloseTo(0.2, 9);
    await clock.runNext();
    expect(engine.load().kvUsage).toBeCloseTo(0.21, 9);
  });

  it("pushes the last request out when memory runs short, and both still get every token", async () => {
    const { clock, engine, ask } = setUp({ outputTokens: 30, profile: { ...profile, kvCapacityTokens: 60 } });
    const runs = [ask(20, 30), ask(20, 30)];
    await runAll(clock);
    expect(engine.load().memory).toMatchObject({ preemptions: 1 });
    expect(runs.map(({ pieces }) => pieces.length)).toEqual([30, 30]);
  });

  it("answers with as many tokens as a load test wants, within those that the request allows", async () => {
    const { clock, ask } = setUp();
    const runs = [ask(5, 9, { simulatedOutputTokens: 7 }), ask(5, 4, { simulatedOutputTokens: 7 })];
    await runAll(clock);
    expect(runs.map(({ pieces }) => pieces.length)).toEqual([7, 4]);
  });
});

describe("an answer that was begun elsewhere", () => {
  const said = (run: Run): string => run.pieces.map(({ text }) => text).join("");

  it("goes on with the very words, behind what was said, which is read like a prompt", async () => {
    const { clock, ask } = setUp({ outputTokens: 12 });
    const whole = ask(10, 20);
    await runAll(clock);
    const words = said(whole).split(" ");
    const continuedText = words.slice(0, 5).join(" ");
    const beganAt = clock.monotonic();
    const rest = ask(10, 20, { continuedText });
    await runAll(clock);
    expect(continuedText + said(rest)).toBe(said(whole));
    // 10 ms and a token each of the prompt, of "assistant" and of what was said.
    expect((rest.atMs[0] ?? 0) - beganAt).toBe(10 + 10 + 1 + 5);
    const bounded = ask(10, 3, { continuedText });
    const nothing = ask(10, 3, { continuedText: said(whole) });
    await runAll(clock);
    expect([bounded.pieces.length, nothing.pieces.length]).toEqual([3, 0]);
  });
});

describe("priorities", () => {
  it("are refused, but for 0, by an engine that was not started for them", () => {
    const { admit } = setUp();
    expect(admit(10, { priority: 1 })).toMatchObject({ outcome: "unsupported", field: "priority" });
    expect(admit(10, { priority: 0 }).outcome).toBe("admitted");
  });

  it("let the lower number go first where the engine was", async () => {
    const { clock, ask } = setUp({ schedulingPolicy: "priority", profile: { ...profile, maxConcurrency: 1 } });
    const runs = [ask(10, 1), ask(10, 1, { priority: 2 }), ask(10, 1, { priority: -1 })];
    await runAll(clock);
    expect(runs.map(({ atMs }) => atMs)).toEqual([[20], [60], [40]]);
  });
});

describe("the prefix cache", () => {
  it("spares prompts with the same beginning their reading and counts it", async () => {
    const { clock, engine, ask } = setUp({ profile: { ...profile, blockTokens: 16, hasPrefixCache: true } });
    const first = ask(50, 1);
    await runAll(clock);
    const second = ask(55, 1);
    await runAll(clock);
    expect(first.atMs).toEqual([60]);
    // 48 of its 55 tokens are three blocks of the first prompt.
    expect(second.atMs).toEqual([60 + 10 + 7]);
    expect(engine.load().memory).toMatchObject({ cacheQueries: 105, cacheHits: 48, blockTokens: 16 });
  });
});

describe("a client that leaves", () => {
  it("gives its place to the next when the step under way is over", async () => {
    const { clock, engine, ask } = setUp({ profile: { ...profile, maxConcurrency: 1 } });
    const first = ask(50, 3);
    const second = ask(10, 1);
    first.leave();
    await first.done;
    expect(first.pieces).toEqual([]);
    expect(engine.load()).toMatchObject({ running: 0, waiting: 1 });
    await runAll(clock);
    expect(second.atMs).toEqual([60 + 20]);
  });

  it("leaves no timer behind once that step is over", async () => {
    const { clock, ask } = setUp();
    const run = ask(50, 3);
    run.leave();
    expect(clock.pending()).toBe(1);
    await clock.runNext();
    expect(clock.pending()).toBe(0);
  });

  it("never arrives when it leaves before", async () => {
    const { clock, engine, ask } = setUp({ profile: { ...profile, requestOverheadMs: 15 } });
    ask(50, 3).leave();
    await runAll(clock);
    expect(engine.steps()).toBe(0);
    expect(engine.load()).toMatchObject({ running: 0, waiting: 0 });
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
