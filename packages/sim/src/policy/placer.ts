// Where a request goes: one rule a file in placers/. A placer is used in two ways: at once at the arrival, or by a queue that asks only when
// a replica can take the request.
import type { SimRequest } from "../trace/trace-request.ts";
import type { FlightBook } from "./flight-book.ts";
import type { World } from "./policy.ts";

/** A rule of placement with its own state. */
export interface Placer {
  /** The replica, of those for which `canTake` holds; −1: none. */
  choose(request: SimRequest, canTake: (replica: number) => boolean, now: number): number;
  /** Prompt tokens that it expects in the replica's cache; 0 where it keeps no index. */
  cachedTokens(request: SimRequest, replica: number): number;
  sent(request: SimRequest, replica: number, now: number): void;
  firstToken(request: SimRequest, replica: number, ttftMs: number, now: number): void;
  end(request: SimRequest, replica: number, outputTokens: number, latencyMs: number): void;
  /** Milliseconds between ticks; 0: none. */
  readonly tickMs: number;
  tick(now: number): void;
}

/** Makes a placer for a run. */
export type CreatePlacer = (world: World, book: FlightBook) => Placer;

/** The parts that most rules do not need. */
export const PLAIN_PLACER: Omit<Placer, "choose"> = {
  cachedTokens: () => 0,
  sent: () => {},
  firstToken: () => {},
  end: () => {},
  tickMs: 0,
  tick: () => {},
};
