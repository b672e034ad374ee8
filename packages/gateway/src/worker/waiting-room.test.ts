import { createGauge } from "@flyball/telemetry";
import { describe, expect, it } from "vitest";
import { systemClock, type Clock } from "@flyball/core";
import { createWaitingRoom, MAX_WAITING } from "./waiting-room.ts";

function room() {
  let now = 0;
  const timers: { at: number; run: () => void; isCancelled: boolean }[] = [];
  const clock: Clock = {
    ...systemClock,
    monotonic: () => now,
    after(delayMs, run) {
      const timer = { at: now + delayMs, run, isCancelled: false };
      timers.push(timer);
      return () => void (timer.isCancelled = true);
    },
  };
  const gauge = createGauge({ name: "waiting", help: "" });
  return {
    room: createWaitingRoom(clock, gauge.series()),
    shown: () => gauge.collect().samples[0]?.value,
    advance(ms: number) {
      now += ms;
      for (const timer of timers.splice(0)) {
        if (timer.isCancelled) continue;
        if (timer.at <= now) timer.run();
        else timers.push(timer);
      }
    },
  };
}

describe("createWaitingRoom", () => {
  it("wakes in order of arrival, each once, and shows how many wait", () => {
    const { room: waiting, shown } = room();
    const woken: string[] = [];
    for (const name of ["a", "b", "c"]) waiting.enter(() => woken.push(name));
    expect(shown()).toBe(3);
    waiting.wakeFirst();
    waiting.wakeAll();
    waiting.wakeAll();
    expect(woken).toEqual(["a", "b", "c"]);
    expect([waiting.size, shown()]).toEqual([0, 0]);
  });

  it("does not wake who left", () => {
    const { room: waiting, shown } = room();
    const leave = waiting.enter(() => expect.fail("woken"));
    leave?.();
    leave?.();
    waiting.wakeAll();
    expect(shown()).toBe(0);
  });

  it("lets who enters again during a wake wait for the next one", () => {
    const { room: waiting } = room();
    let wakes = 0;
    const enter = (): void =>
      void waiting.enter(() => {
        wakes += 1;
        enter();
      });
    enter();
    waiting.wakeAll();
    expect([wakes, waiting.size]).toEqual([1, 1]);
  });

  it("refuses more than a thousand", () => {
    const { room: waiting } = room();
    for (let index = 0; index < MAX_WAITING; index += 1) expect(waiting.enter(() => undefined)).toBeDefined();
    expect(waiting.enter(() => undefined)).toBeUndefined();
  });

  it("wakes the first at the earliest time that was asked for", () => {
    const { room: waiting, advance } = room();
    const woken: string[] = [];
    for (const name of ["a", "b"]) waiting.enter(() => woken.push(name));
    waiting.wakeFirstAt(500);
    waiting.wakeFirstAt(250);
    waiting.wakeFirstAt(Number.POSITIVE_INFINITY);
    advance(249);
    expect(woken).toEqual([]);
    advance(1);
    expect(woken).toEqual(["a"]);
    advance(1_000);
    expect(woken).toEqual(["a"]);
  });
});
