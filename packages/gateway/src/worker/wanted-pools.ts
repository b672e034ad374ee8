// The pools that a snapshot asks for, in one form: services with their instances, and each provider outside as a pool of one endpoint.
import type { Address, EndpointSnapshot, RetriesSpec, Snapshot, TimeoutsSpec } from "@flyball/core";
import { providerEndpointId } from "./prepared-snapshot.ts";

/** One pool. */
export interface WantedPool {
  readonly id: string;
  readonly isProvider: boolean;
  readonly timeouts: TimeoutsSpec;
  readonly retries: RetriesSpec;
  readonly endpoints: readonly WantedEndpoint[];
}

/** One endpoint. */
export type WantedEndpoint = Omit<EndpointSnapshot, "address"> & {
  /** `http://127.0.0.1:4001`. */
  readonly origin: string;
};

/** Nothing is known of a provider's size; only the connections bound what it is sent. */
const PROVIDER_CAPACITY = 256;

/** All pools of a snapshot; a provider that serves several models is there once. */
export function wantedPools(snapshot: Snapshot): WantedPool[] {
  const pools = new Map<string, WantedPool>();
  for (const pool of snapshot.pools) {
    pools.set(pool.id, {
      id: pool.id,
      isProvider: false,
      timeouts: pool.timeouts,
      retries: pool.retries,
      endpoints: pool.endpoints.map((endpoint) => ({ ...endpoint, origin: originOf(endpoint.address) })),
    });
  }
  for (const { backends, timeouts } of snapshot.models) {
    for (const backend of backends) {
      if (backend.kind !== "provider") continue;
      const id = providerEndpointId(backend);
      const { origin } = new URL(backend.baseUrl);
      pools.set(id, {
        id,
        isProvider: true,
        timeouts,
        retries: { attempts: 0, isUnsafeAllowed: false },
        endpoints: [{ id, origin, weight: 1, capacity: PROVIDER_CAPACITY, state: "serving" }],
      });
    }
  }
  return [...pools.values()];
}

function originOf({ host, port }: Address): string {
  return host.includes(":") ? `http://[${host}]:${port}` : `http://${host}:${port}`;
}
