// How long the first token may take before an attempt counts as failed. Fixed bounds are wrong for somebody: a cold Ollama takes half a
// minute, a small vLLM a tenth of a second. So the bound is learned per model, and never below the floor that the manifest sets.
//
// Only first tokens that came are counted: those that were given up would drag the bound after them. The factor leaves room for what a
// longer prompt needs.
import { ttftQuantileMs, type TtftQuantiles } from "./ttft-quantile.ts";

/** Times the 99th percentile. */
const FACTOR = 3;
/** Fewer samples say nothing about a 99th percentile. */
const LEAST_SAMPLES = 100;

/** The bound in milliseconds: max(floor, 3 × p99), at most `ceilingMs`; the floor alone while too little is known. */
export function firstTokenBoundMs(learned: TtftQuantiles, floorMs: number, ceilingMs: number): number {
  if (learned.samples < LEAST_SAMPLES) return Math.min(floorMs, ceilingMs);
  return Math.min(ceilingMs, Math.max(floorMs, FACTOR * (ttftQuantileMs(learned, 0.99) ?? 0)));
}
