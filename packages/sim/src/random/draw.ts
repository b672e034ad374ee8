// Draws from the distributions that traffic is made of.
import type { Random } from "@flyball/core";

/** Exponential with the mean. */
export function drawExponential(random: Random, mean: number): number {
  return -Math.log(1 - random()) * mean;
}

/** Standard normal (Box and Muller). */
export function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Gamma with shape > 0 and scale 1 (Marsaglia and Tsang 2000; below shape 1 by the power of a uniform). */
export function drawGamma(random: Random, shape: number): number {
  if (shape < 1) return drawGamma(random, shape + 1) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = drawNormal(random);
    const v = (1 + c * normal) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random()) < 0.5 * normal * normal + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** From equally spaced quantiles (the first is the least value, the last the greatest), linear between them. */
export function drawFromQuantiles(random: Random, quantiles: readonly number[]): number {
  const place = random() * (quantiles.length - 1);
  const below = Math.floor(place);
  const low = quantiles[below] ?? 0;
  const high = quantiles[below + 1] ?? low;
  return low + (high - low) * (place - below);
}
