// How much key-value memory the requests on a replica will need, at a row of future moments counted in tokens. Each of them grows by a token a
// step until it ends, and many end before the others have grown: the sum of what each may need at most is about twice of what they ever need
// together. So the expected sum is foreseen moment by moment, as Past-Future (ASPLOS'25) does it with its peaks.
import type { SizeEstimate } from "./sizers/sizer.ts";

/** Moments, in tokens from now. */
export const MOMENTS: readonly number[] = [
  0, 32, 64, 128, 192, 256, 384, 512, 768, 1_024, 1_536, 2_048, 3_072, 4_096, 8_192, 16_384,
];

/** What one request needs at each of `MOMENTS`. */
export type Need = Float64Array;

/** Expected tokens of memory at each moment of a request with this prompt that has delivered so many tokens. */
export function needOf(inputTokens: number, delivered: number, estimate: SizeEstimate): Need {
  const need = new Float64Array(MOMENTS.length);
  for (let index = 0; index < MOMENTS.length; index += 1) {
    // Until the moment it may be anywhere since the one before: it counts with all that have not ended before.
    const goesOn = index <= 1 ? 1 : estimate.shareBeyond(delivered, delivered + (MOMENTS[index - 1] as number));
    need[index] = goesOn === 0 ? 0 : goesOn * (inputTokens + delivered + (MOMENTS[index] as number));
  }
  return need;
}

/** What is foreseen for one replica. */
export interface MemoryForecast {
  add(need: Need): void;
  remove(need: Need): void;
  /** Whether the need fits beside what is there, at every moment. */
  fits(need: Need, capacityTokens: number): boolean;
  /** The greatest need foreseen. */
  readonly peak: number;
}

/** Of a replica with nothing on it. */
export function createMemoryForecast(): MemoryForecast {
  const sum = new Float64Array(MOMENTS.length);
  return {
    add(need) {
      for (let index = 0; index < sum.length; index += 1) sum[index]! += need[index] as number;
    },
    remove(need) {
      for (let index = 0; index < sum.length; index += 1) sum[index]! -= need[index] as number;
    },
    fits(need, capacityTokens) {
      for (let index = 0; index < sum.length; index += 1) {
        const own = need[index] as number;
        if (own > 0 && (sum[index] as number) + own > capacityTokens) return false;
      }
      return true;
    },
    get peak() {
      return sum.reduce((most, tokens) => Math.max(most, tokens), 0);
    },
  };
}
