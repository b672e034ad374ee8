// Most rules of placement are "the least of something"; ties are broken at random, as in the products.
import type { Random } from "@flyball/core";

/** The replica with the least score among those for which `canTake` holds; −1: none. */
export function chooseLeast(
  size: number,
  random: Random,
  canTake: (replica: number) => boolean,
  scoreOf: (replica: number) => number,
): number {
  let chosen = -1;
  let least = Number.POSITIVE_INFINITY;
  let ties = 0;
  for (let replica = 0; replica < size; replica += 1) {
    if (!canTake(replica)) continue;
    const score = scoreOf(replica);
    if (score < least) {
      least = score;
      chosen = replica;
      ties = 1;
    } else if (score === least) {
      ties += 1;
      if (random() * ties < 1) chosen = replica;
    }
  }
  return chosen;
}
