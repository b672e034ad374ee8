// The load of a pool in one unit, for all who go by it: the gateway says it, control scales by it, the simulation is scaled by it. Pure sums,
// so that the loads of several gateways add up.
//
//   WAL = Σ wᵢLᵢ ÷ Σ wᵢ, with what waits
//
// The unit is one request at once at a mean endpoint; which unit it is changes no decision. Endpoints weigh by what was learned of them: by the tokens
// that they write in a time, where that is known of all, else by the requests that they take at once. Who waits loads the pool as those do who are in
// flight, for it is filled by slots or by memory, whichever is short there.

/** One serving endpoint, as the load of its pool counts it. */
export interface LoadPart {
  /** Requests in flight. */
  readonly inFlight: number;
  /** L: the largest of slots, prompts and memory in use; 1: full. */
  readonly load: number;
  /** Requests at once that it can work on (> 0), as learned, else as somebody said. */
  readonly slots: number;
  /** The user's weight (> 0). */
  readonly weight: number;
  /** What a token of an answer takes there, ms, where that was learned. */
  readonly tokenMs?: number;
}

/** Sums over a pool. */
export interface PoolLoadSums {
  /** Requests in flight at serving endpoints. */
  readonly inFlight: number;
  /** Requests that wait, by their predicted work: one of twice the usual work is two. */
  readonly waiting: number;
  /** Σ wᵢLᵢ of what is in flight. */
  readonly load: number;
  /** The same of what waits. */
  readonly backlog: number;
  /** Σ wᵢ. */
  readonly capacity: number;
  /** Serving endpoints. */
  readonly serving: number;
}

/** Sums the load of a pool; `waiting` as in the sums. O(endpoints). */
export function sumPoolLoad(parts: readonly LoadPart[], waiting: number): PoolLoadSums {
  const perSpeed = slotsPerSpeed(parts);
  let inFlight = 0;
  let load = 0;
  let capacity = 0;
  let slots = 0;
  for (const part of parts) {
    const measured = perSpeed === undefined ? part.slots : perSpeed / (part.tokenMs as number);
    const weight = part.weight * measured;
    inFlight += part.inFlight;
    load += weight * part.load;
    capacity += weight;
    slots += part.slots;
  }
  const unladen = slots > 0 ? capacity / slots : 1;
  const each = inFlight > 0 && load > 0 ? load / inFlight : unladen;
  return { inFlight, waiting, load, backlog: waiting * each, capacity, serving: parts.length };
}

/** WAL with what waits; 0 where nobody serves. */
export function averageLoadOf({
  load,
  backlog,
  capacity,
}: Pick<PoolLoadSums, "load" | "backlog" | "capacity">): number {
  return capacity > 0 ? (load + backlog) / capacity : 0;
}

/** What makes capacities by speed add up to the slots of the pool; undefined: some speed is not known. */
function slotsPerSpeed(parts: readonly LoadPart[]): number | undefined {
  let slots = 0;
  let speeds = 0;
  for (const { slots: own, tokenMs } of parts) {
    if (tokenMs === undefined || !(tokenMs > 0)) return undefined;
    slots += own;
    speeds += 1 / tokenMs;
  }
  return slots / speeds;
}
