// The same endpoint for the same hash, as long as it is there and not much fuller than the others. Rendezvous hashing: each endpoint has
// a score for the hash and the highest wins, so when one leaves only its own requests move. With bounded load (Mirrokni et al., 2018):
// who already has more than 1.25 times his share is passed over for the next.
import type { BalanceCandidate, Balancer } from "./balancer.ts";
import { shareWeight } from "./candidate.ts";

/** Requests that an endpoint may have, of what its share of all would be. */
const MOST_OF_SHARE = 1.25;

/** By hash, with bounded load. O(candidates). */
export function createConsistentHash(): Balancer {
  return {
    name: "consistent-hash",
    choose(candidates, hash) {
      let inFlight = 1;
      let weights = 0;
      for (const candidate of candidates) {
        inFlight += candidate.inFlight;
        weights += shareWeight(candidate);
      }
      let chosen = -1;
      let highest = Number.NEGATIVE_INFINITY;
      for (let index = 0; index < candidates.length; index += 1) {
        const candidate = candidates[index] as BalanceCandidate;
        const weight = shareWeight(candidate);
        if (candidate.inFlight + 1 > Math.ceil((MOST_OF_SHARE * inFlight * weight) / weights)) continue;
        // Highest random weight: −weight ÷ ln(u) wins with probability weight ÷ Σ weights.
        const score = -weight / Math.log(unitOf(hash, candidate.endpoint));
        if (score <= highest) continue;
        highest = score;
        chosen = index;
      }
      return chosen;
    },
  };
}

/** A number in (0, 1) that the hash and the endpoint decide (murmur3's finish). */
function unitOf(hash: number, endpoint: number): number {
  let mixed = hash ^ Math.imul(endpoint + 1, 0x9e37_79b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (((mixed ^ (mixed >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}
