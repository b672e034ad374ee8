// The pools that a snapshot asks for, in one form: services with their instances, and each provider outside as a pool of one endpoint.
import type { AllowedAddresses } from "@flyball/wire";
import {
  hostReach,
  providerPoolId,
  type Address,
  type BackendSnapshot,
  type BalanceAlgorithm,
  type EndpointSnapshot,
  type RetriesSpec,
  type ScheduleSpec,
  type Snapshot,
  type TimeoutsSpec,
} from "@flyball/core";
import { providerEndpointId } from "./prepared-snapshot.ts";

/** One pool. */
export interface WantedPool {
  readonly id: string;
  readonly isProvider: boolean;
  readonly timeouts: TimeoutsSpec;
  readonly retries: RetriesSpec;
  /** How long a request may wait for a place; undefined: as long as everywhere. */
  readonly maxWaitMs: number | undefined;
  /** How its endpoints are chosen; undefined: by own load. */
  readonly balance: BalanceAlgorithm | undefined;
  /** What of its scheduling is not as by default. */
  readonly schedule: ScheduleSpec | undefined;
  /** Ids of pools that a request at it may call in turn. */
  readonly leadsTo: readonly string[];
  readonly endpoints: readonly WantedEndpoint[];
}

/** One endpoint. */
export type WantedEndpoint = Omit<EndpointSnapshot, "address"> & {
  /** `http://127.0.0.1:4001`. */
  readonly origin: string;
  /** undefined: the app's own. */
  readonly egress: Egress | undefined;
};

/** The way to a place outside the app. */
export interface Egress {
  readonly addresses: AllowedAddresses;
  /** PEM; undefined: the machine's own alone. */
  readonly authorities: string | undefined;
}

/** Nothing is known of a provider's size; only the connections bound what it is sent. */
const PROVIDER_CAPACITY = 256;

/** All pools of a snapshot; a provider that serves several models is there once. */
export function wantedPools(snapshot: Snapshot): WantedPool[] {
  const pools = new Map<string, WantedPool>();
  const behind = new Map(snapshot.models.map(({ name, backends }) => [name, backends.map(poolIdOf)]));
  for (const pool of snapshot.pools) {
    pools.set(pool.id, {
      id: pool.id,
      isProvider: false,
      timeouts: pool.timeouts,
      retries: pool.retries,
      maxWaitMs: pool.maxWaitMs,
      balance: pool.balance,
      schedule: pool.schedule,
      leadsTo: [
        ...(pool.leadsTo?.pools ?? []),
        ...(pool.leadsTo?.models ?? []).flatMap((name) => behind.get(name) ?? []),
      ],
      endpoints: pool.endpoints.map((endpoint) => ({
        ...endpoint,
        origin: originOf(endpoint.address),
        egress: undefined,
      })),
    });
  }
  for (const { backends, timeouts } of snapshot.models) {
    for (const backend of backends) {
      if (backend.kind !== "provider") continue;
      const { origin, hostname } = new URL(backend.baseUrl);
      // A private address in the manifest is the operator's own word; one that a name leads to is not, unless the manifest allows it.
      const isPrivate = backend.network === "private" || hostReach(hostname) === "private";
      const egress: Egress = { addresses: isPrivate ? "private" : "public", authorities: backend.authorities };
      const id = providerEndpointId(backend);
      pools.set(providerPoolId(backend), {
        id: providerPoolId(backend),
        isProvider: true,
        timeouts,
        retries: { attempts: 0, isUnsafeAllowed: false },
        maxWaitMs: undefined,
        balance: undefined,
        schedule: undefined,
        leadsTo: [],
        endpoints: [{ id, origin, egress, weight: 1, capacity: PROVIDER_CAPACITY, state: "serving" }],
      });
    }
  }
  return [...pools.values()];
}

function poolIdOf(backend: BackendSnapshot): string {
  return backend.kind === "pool" ? backend.pool : providerPoolId(backend);
}

function originOf({ host, port }: Address): string {
  return host.includes(":") ? `http://[${host}]:${port}` : `http://${host}:${port}`;
}
