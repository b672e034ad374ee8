// How the endpoint of a request is chosen, by the names that a manifest uses.

/** Their names; the first is the default, the second is it under several workers. */
export const BALANCE_ALGORITHMS = [
  "least-load",
  "two-choices",
  "least-request",
  "least-latency",
  "round-robin",
  "random",
  "consistent-hash",
] as const;

/** One of them. */
export type BalanceAlgorithm = (typeof BALANCE_ALGORITHMS)[number];

/** A request that carries it is kept with others of the same value by `consistent-hash`. */
export const AFFINITY_HEADER = "x-flyball-affinity";
