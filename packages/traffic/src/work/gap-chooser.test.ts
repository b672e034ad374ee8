import { describe, expect, it } from "vitest";
import { createGapChooser, READING_LOOKS, type GapLook } from "./gap-chooser.ts";
import { createWorkLearner } from "./work-learner.ts";
import { DEFAULT_WORK_RATES } from "./work-rates.ts";

function scene() {
  const taught: number[] = [];
  const work = createWorkLearner(DEFAULT_WORK_RATES);
  const chooser = createGapChooser({ ...work, addTokenGap: (_running, _context, itlMs) => void taught.push(itlMs) });
  const look = (itlMs: number, isReading: boolean, more: Partial<GapLook> = {}): void =>
    chooser.add({ itlMs, isReading, running: 8, contextTokens: 8_000, ...more });
  return { taught, look, work };
}

describe("looks that teach what writing costs", () => {
  it("are those between prompts", () => {
    const { taught, look } = scene();
    look(20, false);
    look(200, true);
    look(21, false);
    expect(taught).toEqual([20, 21]);
  });

  it("are the best of twenty where prompts never end", () => {
    const { taught, look } = scene();
    for (let count = 1; count <= 2 * READING_LOOKS; count += 1)
      look(count % READING_LOOKS === 7 ? 30 : 200 + count, true);
    expect(taught).toEqual([30, 30]);
  });

  it("begin to be counted anew after one between prompts", () => {
    const { taught, look } = scene();
    for (let count = 1; count < READING_LOOKS; count += 1) look(90, true);
    look(20, false);
    for (let count = 1; count < READING_LOOKS; count += 1) look(80, true);
    expect(taught).toEqual([20]);
    look(85, true);
    expect(taught).toEqual([20, 80]);
  });

  it("are compared by what is expected at their load", () => {
    const { taught, look, work } = scene();
    const large = { running: 64, contextTokens: 100_000 };
    const factor = work.expectItlMs(large.running, large.contextTokens) / work.expectItlMs(8, 8_000);
    look(100, true);
    look(100 * factor * 0.9, true, large);
    for (let count = 2; count < READING_LOOKS; count += 1) look(500, true);
    expect(taught).toEqual([100 * factor * 0.9]);
  });
});
