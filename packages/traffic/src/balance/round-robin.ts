// One after the other, as often as their shares say and as evenly as that allows (nginx's smooth weighted round robin): everybody gains
// his share in each turn, the richest is chosen and pays for all.
import type { BalanceCandidate, Balancer } from "./balancer.ts";
import { shareWeight } from "./candidate.ts";

/** In turn, weighted. Keeps a number for each endpoint that it ever saw, which are as many as a pool has at once. */
export function createRoundRobin(): Balancer {
  const credits: number[] = [];
  return {
    name: "round-robin",
    choose(candidates) {
      let chosen = -1;
      let most = Number.NEGATIVE_INFINITY;
      let total = 0;
      for (let index = 0; index < candidates.length; index += 1) {
        const candidate = candidates[index] as BalanceCandidate;
        const weight = shareWeight(candidate);
        const credit = (credits[candidate.endpoint] ?? 0) + weight;
        credits[candidate.endpoint] = credit;
        total += weight;
        if (credit <= most) continue;
        most = credit;
        chosen = index;
      }
      const endpoint = candidates[chosen]?.endpoint;
      if (endpoint !== undefined) credits[endpoint] = most - total;
      return chosen;
    },
  };
}
