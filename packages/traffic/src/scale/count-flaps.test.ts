import { expect, it } from "vitest";
import { countFlaps } from "./count-flaps.ts";

it("counts additions soon after a removal, and nothing else", () => {
  const changes = [
    { at: 0, from: 1, to: 3 },
    { at: 100, from: 3, to: 2 },
    { at: 150, from: 2, to: 3 },
    { at: 300, from: 3, to: 1 },
    { at: 900, from: 1, to: 2 },
  ];
  expect(countFlaps(changes, 100)).toBe(1);
  expect(countFlaps(changes, 1_000)).toBe(2);
  expect(countFlaps([], 100)).toBe(0);
});
