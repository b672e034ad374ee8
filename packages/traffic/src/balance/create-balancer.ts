// The balancers by name, as a manifest names them.
import { assertNever, type BalanceAlgorithm, type Random } from "@flyball/core";
import type { Balancer } from "./balancer.ts";
import { createConsistentHash } from "./consistent-hash.ts";
import { createLeastLatency } from "./least-latency.ts";
import { createLeastLoad } from "./least-load.ts";
import { createLeastRequest } from "./least-request.ts";
import { createRandomChoice } from "./random-choice.ts";
import { createRoundRobin } from "./round-robin.ts";
import { createTwoOfMany } from "./two-of-many.ts";

/** Creates the balancer of that name. One for each pool: some remember whose turn it is. */
export function createBalancer(name: BalanceAlgorithm, random: Random): Balancer {
  switch (name) {
    case "least-load":
      return createLeastLoad(random);
    case "two-choices":
      return createTwoOfMany(random);
    case "least-request":
      return createLeastRequest(random);
    case "least-latency":
      return createLeastLatency(random);
    case "round-robin":
      return createRoundRobin();
    case "random":
      return createRandomChoice(random);
    case "consistent-hash":
      return createConsistentHash();
    default:
      return assertNever(name);
  }
}
