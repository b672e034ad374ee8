import { createFakeClock } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import type { AttemptAccount } from "../ledger/call-account.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import { createCallWatch, LOOK_EVERY_MS, type AttemptFacts } from "./call-watch.ts";
import { MAX_FIRST_TOKENS, type TimingSamples } from "./endpoint-sample.ts";
import { createTokenScales } from "./token-scales.ts";

const ENDPOINT = { id: "llm/0@1" } as Endpoint;

function scene(active = 0) {
  const clock = createFakeClock();
  const sent: TimingSamples[] = [];
  const progress: [unknown, number][] = [];
  let inFlight = active;
  const watch = createCallWatch({
    clock,
    scales: createTokenScales(),
    activeAt: () => inFlight,
    send: (samples) => void sent.push(samples),
  });
  watch.onProgress = (tag, tokens) => void progress.push([tag, tokens]);
  const start = (facts: Partial<AttemptFacts> = {}) => {
    const account = { contentBytes: 0 } as AttemptAccount;
    const attempt = watch.start({
      endpoint: ENDPOINT,
      account,
      model: "chat",
      inputTokens: 100,
      uncachedTokens: 60,
      ownUncachedTokens: 40,
      isStream: true,
      isOwn: true,
      tag: "t",
      ...facts,
    });
    return { attempt, account };
  };
  const setActive = (count: number): void => {
    inFlight = count;
  };
  return { clock, watch, sent, progress, start, setActive };
}

describe("the watch over running attempts", () => {
  it("tells the time to the first token with what had to be read before it", async () => {
    const { clock, watch, sent, start } = scene(1);
    const { attempt } = start();
    await clock.advance(180);
    watch.firstContent(attempt);
    watch.firstContent(attempt);
    await clock.advance(LOOK_EVERY_MS);
    expect(sent.flatMap(({ firstTokens }) => firstTokens)).toEqual([
      { endpoint: "llm/0@1", ttftMs: 180, uncachedTokens: 60, running: 1, active: 1 },
    ]);
  });

  it("waits for an endpoint's word on cached tokens where it gives any, and counts them out", async () => {
    const { clock, watch, sent, start } = scene(1);
    const told = start().attempt;
    watch.firstContent(told);
    watch.end(told, 5, { inputTokens: 100, cachedTokens: 64 });
    const next = start().attempt;
    const silent = start().attempt;
    await clock.advance(180);
    watch.firstContent(next);
    watch.firstContent(silent);
    await clock.advance(LOOK_EVERY_MS);
    const samples = () =>
      sent.flatMap(({ firstTokens }) => firstTokens.map((each) => [each.ttftMs, each.uncachedTokens]));
    expect(samples()).toEqual([[0, 60]]);
    watch.end(next, 5, { inputTokens: 120, cachedTokens: 112 });
    watch.end(silent, undefined);
    await clock.advance(LOOK_EVERY_MS);
    // 20 of others, 8 of its own.
    expect(samples()).toEqual([
      [0, 60],
      [180, 28],
    ]);
  });

  it("makes one sample a look of all that an endpoint wrote, and tells who wrote it how far it is", async () => {
    const { clock, watch, sent, progress, start } = scene(2);
    const both = [start({ tag: "a" }), start({ tag: "b" })];
    for (const { attempt } of both) watch.firstContent(attempt);
    await clock.advance(LOOK_EVERY_MS);
    sent.length = 0;
    // A quarter of a token a byte: 10 tokens each in 250 ms.
    for (const { account } of both) account.contentBytes += 40;
    await clock.advance(LOOK_EVERY_MS);
    expect(sent).toEqual([
      {
        firstTokens: [],
        gaps: [
          { endpoint: "llm/0@1", itlMs: 25, gaps: 20, running: 2, active: 2, contextTokens: 220, isReading: false },
        ],
      },
    ]);
    expect(progress).toEqual([
      ["a", 10],
      ["b", 10],
    ]);
  });

  it("learns nothing from the look in which an answer began", async () => {
    const { clock, watch, sent, start } = scene(1);
    const { attempt, account } = start();
    await clock.advance(LOOK_EVERY_MS / 2);
    watch.firstContent(attempt);
    account.contentBytes = 400;
    await clock.advance(LOOK_EVERY_MS / 2);
    expect(sent.flatMap(({ gaps }) => gaps)).toEqual([]);
  });

  it("says that a prompt is being read, until its first token has come and a look has passed", async () => {
    const { clock, watch, sent, start } = scene(2);
    const writing = start();
    watch.firstContent(writing.attempt);
    await clock.advance(2 * LOOK_EVERY_MS);
    const reading = start();
    const isReading: boolean[] = [];
    const look = async (): Promise<void> => {
      sent.length = 0;
      writing.account.contentBytes += 40;
      await clock.advance(LOOK_EVERY_MS);
      isReading.push(...sent.flatMap(({ gaps }) => gaps.map((gap) => gap.isReading)));
    };
    await look();
    await look();
    watch.firstContent(reading.attempt);
    await look();
    await look();
    expect(isReading).toEqual([true, true, true, false]);
  });

  it("counts what other workers have there in the same shares as its own", async () => {
    const { clock, watch, sent, start } = scene(20);
    const writing = start();
    const waiting = start();
    watch.firstContent(writing.attempt);
    await clock.advance(LOOK_EVERY_MS);
    writing.account.contentBytes = 40;
    await clock.advance(LOOK_EVERY_MS);
    expect(sent.at(-1)?.gaps[0]).toMatchObject({ running: 10, active: 20, contextTokens: 1_100 });
    watch.end(waiting.attempt, undefined);
  });

  it("forgets what has ended, and says how long it became", async () => {
    const { clock, watch, sent, progress, start, setActive } = scene(1);
    const { attempt, account } = start();
    watch.firstContent(attempt);
    await clock.advance(LOOK_EVERY_MS);
    account.contentBytes = 100;
    watch.end(attempt, 31);
    watch.end(attempt, 31);
    expect(progress).toEqual([["t", 31]]);
    setActive(0);
    sent.length = 0;
    await clock.advance(10 * LOOK_EVERY_MS);
    expect([sent, watch.size]).toEqual([[], 0]);
    const broken = start();
    broken.account.contentBytes = 40;
    watch.end(broken.attempt, undefined);
    expect(progress.at(-1)).toEqual(["t", 10]);
  });

  it("learns no speed from answers in one piece, from providers, and where nobody counts", async () => {
    const { clock, watch, sent, start } = scene(3);
    const whole = start({ isStream: false });
    const outside = start({ isOwn: false });
    start({ account: undefined });
    watch.firstContent(outside.attempt);
    await clock.advance(LOOK_EVERY_MS);
    for (const { account } of [whole, outside]) account.contentBytes += 400;
    await clock.advance(2 * LOOK_EVERY_MS);
    expect(sent).toEqual([]);
    expect(watch.size).toBe(2);
  });

  it("counts answers in one piece among those that are written", async () => {
    const { clock, watch, sent, start } = scene(2);
    const { attempt, account } = start();
    start({ isStream: false });
    watch.firstContent(attempt);
    await clock.advance(LOOK_EVERY_MS);
    account.contentBytes = 40;
    await clock.advance(LOOK_EVERY_MS);
    expect(sent.at(-1)?.gaps[0]).toMatchObject({ running: 2, isReading: false });
  });

  it("carries so many first tokens at most, and stops when it is told to", async () => {
    const { clock, watch, sent, start } = scene(500);
    for (let each = 0; each < 2 * MAX_FIRST_TOKENS; each += 1) watch.firstContent(start().attempt);
    await clock.advance(LOOK_EVERY_MS);
    expect(sent[0]?.firstTokens).toHaveLength(MAX_FIRST_TOKENS);
    watch.stop();
    expect(clock.pendingTimers()).toBe(0);
  });
});
