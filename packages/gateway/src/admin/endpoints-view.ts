// The live view of pools and endpoints with their loads, from the snapshot and the shared counts.
import type { PoolSnapshot, Snapshot } from "@flyball/core";
import { averageLoadOf, NO_LIMIT, sumPoolLoad, type PoolLoadSums } from "@flyball/traffic";
import { loadPartOf, type LoadReader } from "../evidence/load-part.ts";
import type { EndpointShares, SharedKind } from "../schedule/endpoint-shares.ts";
import type { Slot } from "../shared/in-flight-table.ts";

/** One endpoint as it is now. */
export interface EndpointView {
  readonly id: string;
  readonly address: string;
  readonly state: "serving" | "draining";
  readonly weight: number;
  /** Requests at once that it can work on, as learned, else as the manifest says. */
  readonly capacity: number;
  readonly inFlight: number;
  /** In flight ÷ capacity; of a scheduled endpoint the largest of slots, prompts and memory. */
  readonly load: number;
  /** What is reserved at a scheduled endpoint; absent at others. */
  readonly reserved?: ReservedView;
}

/** What the workers have reserved at an endpoint, and what it may have at most (null: no such limit). */
export interface ReservedView {
  readonly active: number;
  readonly activeCap: number;
  readonly prefillTokens: number;
  readonly prefillTokenCap: number | null;
  readonly kvTokens: number;
  readonly kvTokenCap: number | null;
  readonly workMs: number;
  /** This gateway's part of the slots and of the memory (0–1); null: nobody knows how much there is. */
  readonly slotShare: number | null;
  readonly memoryShare: number | null;
}

/** One pool as it is now. */
export interface PoolView {
  readonly id: string;
  readonly sums: PoolLoadSums;
  /** With those who wait. */
  readonly weightedAverageLoad: number;
  readonly endpoints: readonly EndpointView[];
}

/** One pool, before which so many usual requests wait. */
export function viewPool(pool: PoolSnapshot, reader: LoadReader, waiting: number): PoolView {
  const parts = pool.endpoints.map((endpoint) => ({ endpoint, part: loadPartOf(endpoint, reader) }));
  const serving = parts.filter(({ endpoint: { state } }) => state === "serving").map(({ part }) => part);
  const sums = sumPoolLoad(serving, waiting);
  return {
    id: pool.id,
    sums,
    weightedAverageLoad: averageLoadOf(sums),
    endpoints: parts.map(({ endpoint: { id, address, state, weight }, part: { slots, inFlight, load } }) => {
      const slot = reader.slotOf(id);
      const reserved = slot && reader.schedule && viewReserved(reader.schedule, id, slot);
      return {
        id,
        address: `${address.host}:${address.port}`,
        state,
        weight,
        capacity: slots,
        inFlight,
        load,
        ...(reserved === undefined ? {} : { reserved }),
      };
    }),
  };
}

function viewReserved(
  { memory, limits, shares }: ScheduleReader,
  endpoint: string,
  { index }: Slot,
): ReservedView | undefined {
  const whole = limits.wholeOf(endpoint);
  if (whole === undefined) return undefined;
  const { book } = memory;
  const { activeCap, prefillTokenCap, kvTokenCap } = book.limits(index);
  return {
    active: book.active(index),
    activeCap,
    prefillTokens: book.prefillTokens(index),
    prefillTokenCap: prefillTokenCap === NO_LIMIT ? null : prefillTokenCap,
    kvTokens: book.kvTokens(index),
    kvTokenCap: kvTokenCap === NO_LIMIT ? null : kvTokenCap,
    workMs: book.workMs(index),
    slotShare: shareOf(shares, endpoint, "slots", whole.slots),
    memoryShare: shareOf(shares, endpoint, "memoryTokens", whole.memoryTokens),
  };
}

function shareOf(shares: EndpointShares, endpoint: string, kind: SharedKind, whole: number): number | null {
  return whole === NO_LIMIT ? null : shares.part(endpoint, kind, whole) / whole;
}

type ScheduleReader = NonNullable<LoadReader["schedule"]>;

/** All pools; `waitingOf`: usual requests that wait before one. */
export function viewPools(snapshot: Snapshot, reader: LoadReader, waitingOf: (pool: string) => number): PoolView[] {
  return snapshot.pools.map((pool) => viewPool(pool, reader, waitingOf(pool.id)));
}
