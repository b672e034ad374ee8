import { describe, expect, it } from "vitest";
import { chooseByWeight } from "./weighted-choice.ts";

describe("chooseByWeight", () => {
  it("chooses nothing when no weight is above 0", () => {
    expect(chooseByWeight([], () => 0)).toBe(-1);
    expect(chooseByWeight([{ weight: 0 }], () => 0)).toBe(-1);
  });

  it("follows the weights and never takes a weight of 0", () => {
    const items = [{ weight: 0 }, { weight: 9 }, { weight: 0 }, { weight: 1 }, { weight: 0 }];
    const counts = [0, 0, 0, 0, 0];
    for (let step = 0; step < 1_000; step += 1) {
      const index = chooseByWeight(items, () => step / 1_000);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    expect(counts).toEqual([0, 900, 0, 100, 0]);
    expect(chooseByWeight(items, () => 1 - Number.EPSILON / 2)).toBe(3);
  });
});
