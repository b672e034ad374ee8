// All chance of a simulation comes from one seed, so a run can be repeated to the last digit and two policies meet the same arrivals.
import type { Random } from "@flyball/core";

/** A generator of numbers in [0, 1): mulberry32 (Tommy Ettinger, public domain). Only the low 32 bits of the seed count. */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seed for one use of a run ("arrivals", "ties"), so that a use more does not move the numbers of the others. FNV-1a. */
export function deriveSeed(seed: number, use: string): number {
  // The seed is mixed before the letters come: else 1 and "a" would be the same as 2 and "b".
  let hash = Math.imul((seed + 0x9e3779b9) ^ (seed >>> 15), 0x85ebca6b) ^ 0x811c9dc5;
  for (let index = 0; index < use.length; index += 1) {
    hash = Math.imul(hash ^ use.charCodeAt(index), 0x01000193);
  }
  hash ^= hash >>> 16;
  return Math.imul(hash, 0x7feb352d) >>> 0;
}
