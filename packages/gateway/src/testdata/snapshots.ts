// Snapshots for tests, made of few words.
import { createHmac } from "node:crypto";
import {
  contentHash,
  SNAPSHOT_FORMAT,
  type EndpointSnapshot,
  type KeySnapshot,
  type ListenerSnapshot,
  type ModelSnapshot,
  type PoolSnapshot,
  type RouteSnapshot,
  type Snapshot,
  type TimeoutsSpec,
} from "@flyball/core";

/** Generous limits; tests shorten what they are about. */
export const TIMEOUTS: TimeoutsSpec = {
  connectMs: 1_000,
  firstByteMs: 10_000,
  gapMs: 10_000,
  totalMs: 0,
};

/** One endpoint on loopback. */
export function endpoint(id: string, port: number, more: Partial<EndpointSnapshot> = {}): EndpointSnapshot {
  return { id, address: { host: "127.0.0.1", port }, weight: 1, capacity: 16, state: "serving", ...more };
}

/** A pool of endpoints. */
export function pool(
  id: string,
  endpoints: readonly EndpointSnapshot[],
  more: Partial<PoolSnapshot> = {},
): PoolSnapshot {
  return { id, endpoints, timeouts: TIMEOUTS, retries: { attempts: 2, isUnsafeAllowed: false }, ...more };
}

/** A route from the public listener to one pool. */
export function route(id: string, to: string, more: Partial<RouteSnapshot> = {}): RouteSnapshot {
  return {
    id,
    listener: "public",
    match: { pathPrefix: "/" },
    destination: { kind: "pools", pools: [{ pool: to, weight: 1 }] },
    stripsPrefix: false,
    ...more,
  };
}

/** A model with backends of pools. */
export function model(name: string, pools: readonly string[], more: Partial<ModelSnapshot> = {}): ModelSnapshot {
  return {
    name,
    backends: pools.map((id) => ({ kind: "pool", id: `${name}/${id}`, pool: id, model: `${id}-model` })),
    timeouts: TIMEOUTS,
    ...more,
  };
}

/** A virtual key as control stores it. */
export function key(value: string, secret: string, models: readonly string[]): KeySnapshot {
  return {
    id: `key-${value}`,
    hmac: createHmac("sha256", secret).update(value).digest("hex"),
    service: "test",
    models,
  };
}

/** Parts of a snapshot; what is absent is empty. */
export type SnapshotParts = Partial<Omit<Snapshot, "format" | "hash" | "listeners">> & {
  readonly listeners?: readonly (ListenerSnapshot["kind"] | ListenerSnapshot)[];
};

/** A snapshot with a right hash. Listeners named by kind have that kind as their id. */
export function snapshot(version: number, parts: SnapshotParts): Snapshot {
  const { listeners, ...rest } = parts;
  const body = {
    app: "test",
    revision: 1,
    routes: [],
    pools: [],
    models: [],
    keys: [],
    ...rest,
    listeners: (listeners ?? ["public"]).map((listener) =>
      typeof listener === "string"
        ? { id: listener, kind: listener, host: "127.0.0.1", port: 0 }
        : listener,
    ),
  };
  return { format: SNAPSHOT_FORMAT, version, hash: contentHash(body), ...body };
}
