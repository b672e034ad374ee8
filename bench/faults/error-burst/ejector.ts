// What decides which endpoints of a pool get no requests: the code of traffic/breaker, and what others do as far as it can be told from their
// documentation, simulated.
import type { Random } from "@flyball/core";

/** One pool under one rule. Times are milliseconds. */
export interface EjectorPool {
  /** Whether a request may be sent there. */
  takes(endpoint: number, now: number): boolean;
  /** A request that was sent at the same moment ended. */
  ended(endpoint: number, isGood: boolean, now: number): void;
  /** Ejections so far. */
  ejections(): number;
  isOut(endpoint: number, now: number): boolean;
}

/** A rule with its name. */
export interface Ejector {
  readonly name: string;
  createPool(endpoints: number, random: Random): EjectorPool;
}
