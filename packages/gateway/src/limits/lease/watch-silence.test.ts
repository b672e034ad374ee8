import { describe, expect, it } from "vitest";
import { createFakeClock } from "@flyball/fakes";
import { watchSilence } from "./watch-silence.ts";

/** When the silence was told, in milliseconds; undefined: it was not within a second. */
async function silentAfter(isWaitedFor: boolean): Promise<number | undefined> {
  const clock = createFakeClock();
  const began = clock.monotonic();
  let told: number | undefined;
  watchSilence(clock, { isWaitedFor: () => isWaitedFor, onSilent: () => (told ??= clock.monotonic() - began) });
  await clock.advance(1_000);
  return told;
}

describe("a store that does not answer", () => {
  it("is found out in time for calls that wait, and without hurry when none does", async () => {
    expect(await silentAfter(true)).toBe(15);
    expect(await silentAfter(false)).toBe(250);
  });

  it("is not taken for silent while this thread itself is held up", async () => {
    const clock = createFakeClock();
    let isTold = false;
    // Each check comes eight times as late as it was asked for.
    const slow = { ...clock, monotonic: () => clock.monotonic() * 8 };
    watchSilence(slow, { isWaitedFor: () => true, onSilent: () => (isTold = true) });
    await clock.advance(300);
    expect(isTold).toBe(false);
  });

  it("is not watched any more once it has answered", async () => {
    const clock = createFakeClock();
    let isTold = false;
    const stop = watchSilence(clock, { isWaitedFor: () => true, onSilent: () => (isTold = true) });
    await clock.advance(10);
    stop();
    await clock.advance(300);
    expect(isTold).toBe(false);
  });
});
