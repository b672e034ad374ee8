// Any endpoint, in the proportions of the shares: knows nothing, needs nothing.
import type { Random } from "@flyball/core";
import type { Balancer } from "./balancer.ts";
import { drawByShare } from "./draw-by-share.ts";

/** By chance, weighted. */
export function createRandomChoice(random: Random): Balancer {
  return { name: "random", choose: (candidates) => drawByShare(candidates, random, -1) };
}
