// The live view of pools and endpoints with their loads, from the snapshot and the shared counts.
import type { PoolSnapshot, Snapshot } from "@flyball/core";
import { loadOf, NO_LIMIT, shareWeight, weightedAverageLoad } from "@flyball/traffic";
import type { EndpointShares, SharedKind } from "../schedule/endpoint-shares.ts";
import type { ScheduleKeeper } from "../schedule/schedule-keeper.ts";
import type { Slot, InFlightTable } from "../shared/in-flight-table.ts";

/** One endpoint as it is now. */
export interface EndpointView {
  readonly id: string;
  readonly address: string;
  readonly state: "serving" | "draining";
  readonly weight: number;
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
  readonly weightedAverageLoad: number;
  readonly endpoints: readonly EndpointView[];
}

/** Reads the counts of a snapshot's endpoints. */
export interface LoadReader {
  readonly inFlight: InFlightTable;
  readonly slotOf: (endpoint: string) => Slot | undefined;
  /** undefined: nothing is scheduled. */
  readonly schedule?: Pick<ScheduleKeeper, "memory" | "limits" | "shares">;
}

/** One pool. */
export function viewPool(pool: PoolSnapshot, reader: LoadReader): PoolView {
  const endpoints = pool.endpoints.map((endpoint) => {
    const slot = reader.slotOf(endpoint.id);
    const { id, address, state, weight, capacity } = endpoint;
    const inFlight = slot ? reader.inFlight.total(slot) : 0;
    const reserved = slot && reader.schedule && viewReserved(reader.schedule, endpoint.id, slot);
    const load = loadOf({ inFlight, capacity, weight });
    return {
      id,
      address: `${address.host}:${address.port}`,
      state,
      weight,
      capacity,
      inFlight,
      load: reserved === undefined ? load : loadOfReserved(reader, endpoint.id, { load, inFlight, reserved }),
      ...(reserved === undefined ? {} : { reserved }),
    };
  });
  return {
    id: pool.id,
    weightedAverageLoad: weightedAverageLoad(
      endpoints
        .filter(({ state }) => state === "serving")
        .map((endpoint) => ({ load: endpoint.load, weight: shareWeight(endpoint) })),
    ),
    endpoints,
  };
}

/** Prompts of so much of its own time are a full load of an endpoint, ms. */
const PREFILL_BUDGET_MS = 1_000;

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

/** The largest of its parts (design §7): slots against what the endpoint is known to take, else its capacity; prompts; memory. */
function loadOfReserved(
  { schedule, slotOf }: LoadReader,
  endpoint: string,
  { load, inFlight, reserved }: { readonly load: number; readonly inFlight: number; readonly reserved: ReservedView },
): number {
  // Of the whole, for the loads of gateways that share it add up.
  const whole = schedule?.limits.wholeOf(endpoint);
  const slots = whole === undefined || whole.slots === NO_LIMIT ? load : inFlight / whole.slots;
  const slot = slotOf(endpoint);
  const prefillMs = slot === undefined ? 0 : (schedule?.memory.book.limits(slot.index).rates.prefillMs ?? 0);
  const prompts = (reserved.prefillTokens * prefillMs) / PREFILL_BUDGET_MS;
  const memory = reserved.kvTokens / (whole?.memoryTokens ?? NO_LIMIT);
  return Math.max(slots, prompts, memory);
}

/** All pools. */
export function viewPools(snapshot: Snapshot, reader: LoadReader): PoolView[] {
  return snapshot.pools.map((pool) => viewPool(pool, reader));
}
