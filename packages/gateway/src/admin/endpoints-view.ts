// The live view of pools and endpoints with their loads, from the snapshot and the shared counts.
import type { PoolSnapshot, Snapshot } from "@flyball/core";
import { loadOf, poolLoad } from "@flyball/traffic";
import type { Slot, InFlightTable } from "../shared/in-flight-table.ts";

/** One endpoint as it is now. */
export interface EndpointView {
  readonly id: string;
  readonly address: string;
  readonly state: "serving" | "draining";
  readonly weight: number;
  readonly capacity: number;
  readonly inFlight: number;
  /** In flight ÷ capacity. */
  readonly load: number;
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
}

/** One pool. */
export function viewPool(pool: PoolSnapshot, reader: LoadReader): PoolView {
  const endpoints = pool.endpoints.map((endpoint) => {
    const slot = reader.slotOf(endpoint.id);
    const { id, address, state, weight, capacity } = endpoint;
    const inFlight = slot ? reader.inFlight.total(slot) : 0;
    return {
      id,
      address: `${address.host}:${address.port}`,
      state,
      weight,
      capacity,
      inFlight,
      load: loadOf({ inFlight, capacity, weight }),
    };
  });
  return {
    id: pool.id,
    weightedAverageLoad: poolLoad(endpoints.filter(({ state }) => state === "serving")),
    endpoints,
  };
}

/** All pools. */
export function viewPools(snapshot: Snapshot, reader: LoadReader): PoolView[] {
  return snapshot.pools.map((pool) => viewPool(pool, reader));
}
