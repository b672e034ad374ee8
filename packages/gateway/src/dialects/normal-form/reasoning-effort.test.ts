import { expect, it } from "vitest";
import { reasoningBudget, reasoningEffort } from "./reasoning-effort.ts";

it.each([
  ["none", 0],
  ["minimal", 1_024],
  ["low", 2_048],
  ["medium", 8_192],
  ["high", 16_384],
  ["xhigh", 32_768],
  ["max", 65_536],
] as const)("%s is %i tokens and back", (effort, tokens) => {
  expect(reasoningBudget({ kind: "effort", effort })).toBe(tokens);
  expect(reasoningEffort({ kind: "budget", tokens })).toBe(effort);
});

it("takes a budget between two efforts as the greater one", () => {
  expect(reasoningEffort({ kind: "budget", tokens: 2_049 })).toBe("medium");
  expect(reasoningEffort({ kind: "budget", tokens: 1_000_000 })).toBe("max");
});
