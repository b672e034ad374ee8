import { EventEmitter } from "node:events";
import { createFakeClock } from "@flyball/fakes";
import { expect, test } from "vitest";
import { createInterruptions } from "./interruptions.ts";

function setUp(wrapperPid?: number): {
  source: EventEmitter & { ppid: number };
  clock: ReturnType<typeof createFakeClock>;
  counts: number[];
  stop: () => void;
} {
  const source = Object.assign(new EventEmitter(), { ppid: 7 });
  const clock = createFakeClock(0);
  const counts: number[] = [];
  const stop = createInterruptions({ source, clock, wrapperPid }).listen((count) => counts.push(count));
  return { source, clock, counts, stop };
}

test("one Ctrl-C that comes from terminal and wrapper is one, the next press is the second", async () => {
  const { source, clock, counts } = setUp();
  source.emit("SIGINT");
  await clock.advance(100);
  source.emit("SIGINT");
  expect(counts).toEqual([1]);
  await clock.advance(600);
  source.emit("SIGINT");
  expect(counts).toEqual([1, 2]);
});

test("a key that is pressed again and again counts once each half second", async () => {
  const { source, clock, counts } = setUp();
  for (let press = 0; press < 6; press += 1) {
    source.emit("SIGINT");
    await clock.advance(200);
  }
  expect(counts).toEqual([1, 2]);
});

test("SIGTERM and SIGHUP interrupt as well", async () => {
  const { source, clock, counts } = setUp();
  source.emit("SIGTERM");
  await clock.advance(1_000);
  source.emit("SIGHUP");
  expect(counts).toEqual([1, 2]);
});

test("the death of the wrapper is an interruption, once", async () => {
  const { source, clock, counts } = setUp(7);
  await clock.advance(5_000);
  expect(counts).toEqual([]);
  source.ppid = 1;
  await clock.advance(5_000);
  expect(counts).toEqual([1]);
});

test("a copy of the signal that comes after the listening has stopped does not kill the command on its way out", async () => {
  const { source, clock, counts, stop } = setUp(7);
  source.emit("SIGINT");
  stop();
  expect(source.listenerCount("SIGINT")).toBe(1);
  await clock.advance(1_000);
  source.emit("SIGINT");
  expect(counts).toEqual([1]);
  expect(clock.pendingTimers()).toBe(0);
});

test("after the listening has stopped, signals mean what they meant before and no timer is left", async () => {
  const { source, clock, counts, stop } = setUp(7);
  stop();
  expect(source.listenerCount("SIGINT")).toBe(0);
  expect(clock.pendingTimers()).toBe(0);
  expect(counts).toEqual([]);
});
