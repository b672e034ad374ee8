// A draw by weight: between the pools of one route (a canary's share), where load says nothing about which one is meant.
import type { Random } from "@flyball/core";

/** Index drawn with probability weight ÷ Σ weights; −1 when no weight is above 0. */
export function chooseByWeight(items: readonly { readonly weight: number }[], random: Random): number {
  let total = 0;
  for (const item of items) total += item.weight;
  if (!(total > 0)) return -1;
  let left = random() * total;
  let last = -1;
  for (let index = 0; index < items.length; index += 1) {
    const weight = items[index]?.weight ?? 0;
    if (weight <= 0) continue;
    last = index;
    left -= weight;
    if (left < 0) return index;
  }
  return last;
}
