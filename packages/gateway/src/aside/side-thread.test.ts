import { systemClock } from "@flyball/core";
import { createFakeClock } from "@flyball/fakes";
import { afterEach, describe, expect, it } from "vitest";
import { findProviderTraits } from "../dialects/find-provider-traits.ts";
import type { AsideWork } from "./aside-work.ts";
import {
  createSideThread,
  IDLE_MS,
  MAX_WAITING,
  MOST_WORK_MS,
  type AsideOutcome,
  type SideThread,
} from "./side-thread.ts";
import { startThread } from "./start-thread.ts";
import { PlayedThread } from "./testdata/played-thread.ts";
import type { WorkerData } from "../worker/worker-messages.ts";

const SURVEY: AsideWork = { kind: "survey", wantsMedia: false, wantsDigest: true };
const NEVER = Number.POSITIVE_INFINITY;

/** A side thread before played threads, and calls with a body of one byte: their number. */
function scene() {
  const clock = createFakeClock();
  const threads: PlayedThread[] = [];
  const side = createSideThread({
    clock,
    start: () => {
      const thread = new PlayedThread();
      threads.push(thread);
      return thread;
    },
  });
  const told: Record<number, string> = {};
  const bodies: Record<number, ArrayBuffer> = {};
  const ask = (call: number, untilMs = NEVER): { cancel(): void } => {
    const body = Uint8Array.of(call).buffer;
    bodies[call] = body;
    return side.ask({
      work: SURVEY,
      until: clock.monotonic() + untilMs,
      lend: () => body,
      onDone: (outcome) => {
        if (told[call] !== undefined) throw new Error(`call ${call} was told twice`);
        told[call] = outcome.kind === "lost" ? `lost: ${outcome.reason}` : outcome.kind;
        if (outcome.kind === "done") bodies[call] = outcome.body;
      },
    });
  };
  const isLent = (call: number): boolean => bodies[call]?.detached === true;
  return { clock, threads, side, told, ask, isLent };
}

describe("the thread beside a worker, as its worker sees it", () => {
  it("works on one call at a time, in their order; the body of one that waits stays with it", () => {
    const { threads, side, told, ask, isLent } = scene();
    for (const call of [1, 2, 3]) ask(call);
    expect([isLent(1), isLent(2), isLent(3), side.pending, threads.length]).toEqual([true, false, false, 3, 1]);
    threads[0]?.answer();
    expect([told, isLent(1), isLent(2), isLent(3)]).toEqual([{ 1: "done" }, false, true, false]);
    threads[0]?.answer();
    threads[0]?.answer();
    expect([told, side.pending]).toEqual([{ 1: "done", 2: "done", 3: "done" }, 0]);
    expect(threads[0]?.received.map(({ body }) => new Uint8Array(body)[0])).toEqual([1, 2, 3]);
  });

  it("is started for the first call, ended after a minute without one, and started anew for the next", async () => {
    const { clock, threads, told, ask } = scene();
    expect(threads).toHaveLength(0);
    ask(1);
    threads[0]?.answer();
    await clock.advance(IDLE_MS - 1);
    ask(2);
    threads[0]?.answer();
    await clock.advance(IDLE_MS - 1);
    expect(threads[0]?.isTerminated).toBe(false);
    await clock.advance(1);
    expect([threads[0]?.isTerminated, clock.pendingTimers()]).toEqual([true, 0]);
    threads[0]?.emit("exit", 1);
    ask(3);
    threads[1]?.answer();
    expect(told).toEqual({ 1: "done", 2: "done", 3: "done" });
  });

  it("forgets a call that leaves while it waits, and never takes its body", () => {
    const { threads, told, ask, isLent, side } = scene();
    ask(1);
    const second = ask(2);
    ask(3);
    second.cancel();
    expect(side.pending).toBe(2);
    threads[0]?.answer();
    expect([isLent(2), isLent(3)]).toEqual([false, true]);
    threads[0]?.answer();
    expect(told).toEqual({ 1: "done", 3: "done" });
  });

  it("ends what it works on for a call that leaves, tells nobody, and goes on", async () => {
    const { clock, threads, told, ask } = scene();
    const first = ask(1, 5_000);
    ask(2);
    first.cancel();
    await clock.advance(5_000);
    expect(threads[0]?.received).toHaveLength(1);
    threads[0]?.answer();
    threads[0]?.answer();
    expect(told).toEqual({ 2: "done" });
  });

  it("tells a call at its deadline, whether it waits or is worked on, and uses the thread on", async () => {
    const { clock, threads, told, ask, side } = scene();
    ask(1, 200);
    ask(2, 100);
    ask(3);
    await clock.advance(100);
    expect([told, side.pending]).toEqual([{ 2: "late" }, 2]);
    await clock.advance(100);
    expect(told).toEqual({ 1: "late", 2: "late" });
    threads[0]?.answer();
    threads[0]?.answer();
    expect([told, threads[0]?.isTerminated]).toEqual([{ 1: "late", 2: "late", 3: "done" }, false]);
  });

  it("keeps nobody without a deadline waiting for ever", async () => {
    const { clock, threads, told, ask } = scene();
    for (let call = 1; call <= 10; call += 1) ask(call);
    // Each takes nearly as long as it may.
    for (const _ of [1, 2]) {
      await clock.advance(MOST_WORK_MS - 1);
      threads[0]?.answer();
    }
    expect(told).toEqual({ 1: "done", 2: "done" });
    await clock.advance(2);
    expect(Object.values(told)).toEqual(["done", "done", ...Array(8).fill("late")]);
  });

  it("turns a call away when too many wait", () => {
    const { told, ask, side } = scene();
    for (let call = 0; call <= MAX_WAITING; call += 1) ask(call);
    expect([side.pending, told]).toEqual([MAX_WAITING + 1, {}]);
    ask(MAX_WAITING + 1);
    expect(told).toEqual({ [MAX_WAITING + 1]: "full" });
  });

  it("says of a thread that ended what it was told last, to the call that was worked on alone", () => {
    const { threads, told, ask } = scene();
    for (const call of [1, 2]) ask(call);
    threads[0]?.emit("error", new Error("a defect"));
    threads[0]?.emit("exit", 1);
    expect([told, threads.length]).toEqual([{ 1: "lost: a defect" }, 2]);
    threads[1]?.emit("exit", 7);
    expect(told[2]).toBe("lost: its thread ended with code 7");
  });

  it("starts another one after a thread that ended while it had nothing to do", () => {
    const { clock, threads, told, ask } = scene();
    ask(1);
    threads[0]?.answer();
    threads[0]?.emit("exit", 1);
    expect(clock.pendingTimers()).toBe(0);
    ask(2);
    threads[1]?.answer();
    expect(told).toEqual({ 1: "done", 2: "done" });
  });

  it("ends a thread that takes too long; what that says later is heard by nobody", async () => {
    const { clock, threads, told, ask } = scene();
    for (const call of [1, 2]) ask(call);
    const [slow] = threads;
    await clock.advance(MOST_WORK_MS);
    expect([told, slow?.isTerminated, threads.length]).toEqual([{ 1: "lost: it took longer than 30 s" }, true, 2]);
    slow?.answer(slow.received[0]);
    slow?.emit("exit", 1);
    threads[1]?.answer();
    expect(told[2]).toBe("done");
  });

  it("fails every call while no thread can be started", () => {
    const told: AsideOutcome[] = [];
    const side = createSideThread({
      clock: createFakeClock(),
      start: () => {
        throw new Error("no more threads");
      },
    });
    const job = {
      work: SURVEY,
      until: NEVER,
      lend: () => new ArrayBuffer(1),
      onDone: (end: AsideOutcome) => told.push(end),
    };
    for (const _ of [1, 2]) side.ask(job);
    const lost = { kind: "lost", reason: "Error: no more threads", isTooLarge: false };
    expect(told).toEqual([lost, lost]);
  });

  it("is ended with its worker: nobody is told any more, no timer is left, and who comes is turned away", () => {
    const { clock, threads, side, told, ask } = scene();
    for (const call of [1, 2, 3]) ask(call, 1_000);
    side.stop();
    side.stop();
    threads[0]?.answer();
    threads[0]?.emit("exit", 1);
    expect([threads[0]?.isTerminated, threads.length, clock.pendingTimers(), told]).toEqual([true, 1, 0, {}]);
    ask(4);
    expect(told).toEqual({ 4: "full" });
  });
});

describe("a real thread beside a worker", () => {
  const sides: SideThread[] = [];
  afterEach(() => {
    for (const side of sides.splice(0)) side.stop();
  });

  function realThread(): (work: AsideWork, text: string) => Promise<AsideOutcome> {
    const entry = new URL("./testdata/aside-entry.ts", import.meta.url).href;
    const side = createSideThread({ clock: systemClock, start: () => startThread({ entry } as WorkerData) });
    sides.push(side);
    return (work, text) =>
      new Promise((resolve) => {
        side.ask({ work, until: NEVER, lend: () => new Uint8Array(Buffer.from(text)).buffer, onDone: resolve });
      });
  }

  it("gives the body back with what it found", async () => {
    const ask = realThread();
    const text = '{"b":1,"a":[2,3]}';
    const survey: AsideWork = { kind: "survey", wantsMedia: true, wantsDigest: true };
    const outcome = await ask(survey, text);
    if (outcome.kind !== "done") throw new Error(outcome.kind);
    expect(Buffer.from(outcome.body).toString()).toBe(text);
    expect(outcome.result).toMatchObject({ kind: "surveyed", survey: { media: { images: 0 } } });
    const other = await ask(survey, '{"a":[2,3],"b":1}');
    expect(other).toMatchObject({ kind: "done", result: outcome.result });
  });

  it("has memory for as many values as a scan lets pass, and for a long text", async () => {
    const ask = realThread();
    const traits = findProviderTraits("openai");
    const names = { kind: "translate", from: "anthropic-messages", to: "openai-chat", model: "m" } as const;
    const work: AsideWork = { ...names, traits, maxTokens: undefined };
    const messages = [{ role: "user", content: "世界 ".repeat(2_000_000) }];
    const tools = [{ name: "f", input_schema: { type: "object", enum: Array.from({ length: 300_000 }, () => ({})) } }];
    for (const more of [{ tools }, {}]) {
      const outcome = await ask(work, JSON.stringify({ max_tokens: 1, messages, ...more }));
      expect(outcome).toMatchObject({ kind: "done", result: { kind: "written", written: { kind: "translated" } } });
    }
  });
});
