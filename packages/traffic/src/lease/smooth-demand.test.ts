import { expect, it } from "vitest";
import { smoothDemand } from "./smooth-demand.ts";

it("rises at once and falls by half in half a second", () => {
  expect(smoothDemand(3, 10, 50)).toBe(10);
  expect(smoothDemand(10, 3, 0)).toBe(10);
  expect(smoothDemand(10, 3, 500)).toBe(5);
  expect(smoothDemand(10, 3, 60_000)).toBe(3);
  expect(smoothDemand(10, 0, -5)).toBe(10);
});
