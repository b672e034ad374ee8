import { expect, it } from "vitest";
import { claudePowers } from "./claude-powers.ts";

it.each([
  ["claude-3-5-sonnet-20241022", "none", false, true],
  ["claude-3-7-sonnet-latest", "budget", false, true],
  ["claude-sonnet-4-20250514", "budget", false, true],
  ["claude-opus-4-1-20250805", "budget", true, true],
  ["claude-haiku-4-5-20251001", "budget", true, true],
  ["anthropic.claude-sonnet-4-5-20250929-v1:0", "budget", true, true],
  ["claude-opus-4-6", "adaptive", true, false],
  ["anthropic/claude-opus-4.8", "adaptive", true, false],
  ["claude-sonnet-5", "adaptive", true, false],
  ["claude-next", "adaptive", true, false],
  ["kimi-k2", "budget", false, true],
])("%s", (model, thinking, hasOutputFormat, hasPrefill) => {
  expect(claudePowers(model)).toEqual({ thinking, hasOutputFormat, hasPrefill });
});
