import { expect, it } from "vitest";
import type { Instance } from "../observe/instance.ts";
import { createColdStarts } from "./cold-starts.ts";

function instance(handle: string, tookMs: number | undefined): Instance {
  const at = tookMs === undefined ? {} : { readyAt: 1_000 + tookMs };
  return { handle, startedAt: 1_000, phase: tookMs === undefined ? "starting" : "ready", ...at } as Instance;
}

it("is the median of the starts that were seen, each counted once", () => {
  const starts = createColdStarts();
  expect(starts.medianMs).toBe(10_000);
  starts.look([instance("a", undefined)]);
  expect(starts.medianMs).toBe(10_000);
  for (let look = 0; look < 5; look += 1) starts.look([instance("a", 2_000)]);
  starts.look([instance("a", 90_000), instance("b", 3_000), instance("c", 60_000)]);
  expect(starts.medianMs).toBe(3_000);
});

it("forgets starts of long ago", () => {
  const starts = createColdStarts();
  for (let index = 0; index < 8; index += 1) starts.look([instance(`old/${index}`, 100)]);
  for (let index = 0; index < 8; index += 1) starts.look([instance(`new/${index}`, 9_000)]);
  expect(starts.medianMs).toBe(9_000);
});
