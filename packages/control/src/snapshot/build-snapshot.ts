// From the spec and the instances to what the gateway serves. Pure. Ready instances serve, draining ones finish; when no instance of a
// pool is ready its unhealthy ones serve rather than nobody.
import {
  contentHash,
  SNAPSHOT_FORMAT,
  type Address,
  type AppSpec,
  type BackendSnapshot,
  type EndpointSnapshot,
  type KeySnapshot,
  type ListenerSnapshot,
  type ModelSnapshot,
  type PoolSnapshot,
  type RouteSnapshot,
  type ServiceSpec,
  type Snapshot,
  type TenantSnapshot,
  type TenantSpec,
} from "@flyball/core";
import { createHmac } from "node:crypto";
import {
  httpPools,
  listenersOf,
  MODELS_LISTENER,
  serviceListenerId,
  twinId,
  type WantedListener,
} from "../desired/listeners-of.ts";
import { splitAddress, virtualKey } from "../desired/start-context.ts";
import type { LiveKeys } from "../keys/live-keys.ts";
import { endpointId, type Instance } from "../observe/instance.ts";
import { leadsToOf } from "./leads-to.ts";

/** Requests that an endpoint is taken to work on at once where nobody says it; the gateway goes by what it learns instead, once it has. */
const DEFAULT_CAPACITY = 16;

/** What a snapshot is made of. */
export interface SnapshotInput {
  readonly spec: AppSpec;
  readonly revision: number;
  /** Bound addresses by listener id; a listener without one is left out. */
  readonly bound: ReadonlyMap<string, Address>;
  readonly instances: readonly Instance[];
  readonly keySecret: string;
  /** Handles of instances that are kept out of the requests because of a fault. */
  readonly ejected: ReadonlySet<string>;
  /** Keys that people made and that are neither revoked nor expired. */
  readonly keys: Pick<LiveKeys, "snapshots" | "hash">;
}

/** A snapshot without its version. */
export type UnversionedSnapshot = Omit<Snapshot, "version">;

/** Builds the snapshot and its hash. */
export function buildSnapshot(input: SnapshotInput): UnversionedSnapshot {
  const content: Omit<UnversionedSnapshot, "hash"> = {
    format: SNAPSHOT_FORMAT,
    app: input.spec.name,
    revision: input.revision,
    listeners: listenersOf(input.spec).flatMap((listener) => boundListener(listener, input)),
    routes: routesOf(input),
    pools: poolsOf(input),
    models: modelsOf(input.spec),
    keys: keysOf(input.spec, input.keySecret),
    ...accountsOf(input.spec),
  };
  // Keys of people stand in the hash by their own: there may be thousands, and they seldom change.
  const hash = contentHash({ ...content, keysHash: input.keys.hash });
  return { ...content, keys: [...content.keys, ...input.keys.snapshots], hash };
}

function boundListener(listener: WantedListener, { spec, bound }: SnapshotInput): readonly ListenerSnapshot[] {
  const named = listener.kind === "public" ? spec.gateway.listeners[listener.id.slice("public/".length)] : undefined;
  const manners = {
    ...(named?.tls === undefined ? {} : { tls: named.tls }),
    ...(named?.cors === undefined ? {} : { cors: named.cors }),
  };
  return [listener.id, twinId(listener.id)].flatMap((id): ListenerSnapshot[] => {
    const address = bound.get(id);
    return address === undefined ? [] : [{ id, kind: listener.kind, ...address, ...manners }];
  });
}

function routesOf(input: SnapshotInput): readonly RouteSnapshot[] {
  const { spec, bound } = input;
  const routes: RouteSnapshot[] = [];
  const publicRoutes = spec.routes.flatMap((route) => {
    const id = `public/${route.listener}`;
    return [id, twinId(id)].filter((listener) => bound.has(listener)).map((listener) => ({ route, listener }));
  });
  for (const { route, listener } of publicRoutes) {
    const { destination } = route;
    routes.push({
      id: listener.endsWith("/v6") ? `${route.name}/v6` : route.name,
      listener,
      match: route.match,
      stripsPrefix: route.stripsPrefix,
      destination:
        destination.kind === "models"
          ? { kind: "models", models: destination.models, requiresKey: route.requiresKey ?? false }
          : { kind: "pools", pools: destination.services.map(({ service, weight }) => ({ pool: service, weight })) },
      ...(route.requiresKey === true ? { requiresKey: true } : {}),
      ...(route.priority === undefined ? {} : { priority: route.priority }),
      ...(route.timeouts === undefined ? {} : { timeouts: route.timeouts }),
      ...(route.retries === undefined ? {} : { retries: route.retries }),
    });
  }
  for (const service of Object.values(spec.services)) {
    for (const { pool } of httpPools(service)) {
      const listener = serviceListenerId(pool);
      if (!bound.has(listener)) continue;
      const destination = { kind: "pools", pools: [{ pool, weight: 1 }] } as const;
      routes.push({ id: listener, listener, match: { pathPrefix: "/" }, destination, stripsPrefix: false });
    }
  }
  if (bound.has(MODELS_LISTENER)) {
    const destination = { kind: "models", models: Object.keys(spec.models), requiresKey: true } as const;
    routes.push({
      id: MODELS_LISTENER,
      listener: MODELS_LISTENER,
      match: { pathPrefix: "/" },
      destination,
      stripsPrefix: false,
    });
  }
  return routes;
}

function poolsOf(input: SnapshotInput): readonly PoolSnapshot[] {
  const leadsTo = leadsToOf(input.spec);
  return Object.values(input.spec.services).flatMap((service) =>
    httpPools(service).map(({ pool, portName }): PoolSnapshot => {
      const room = roomOf(service.concurrency);
      const endpoints =
        service.external === undefined
          ? endpointsOf(input, { service: service.name, pool, portName, room, hasSpares: service.warm !== undefined })
          : externalEndpoint(pool, service.external.address, room);
      const called = leadsTo.get(service.name);
      return {
        id: pool,
        endpoints,
        timeouts: service.timeouts,
        retries: service.retries,
        ...waitingOf(service),
        ...(called === undefined ? {} : { leadsTo: called }),
      };
    }),
  );
}

/** What the manifest says of it; the gateway has its own word where it says nothing. */
function waitingOf({
  balance,
  maxWaitMs,
  schedule,
}: ServiceSpec): Pick<PoolSnapshot, "balance" | "maxWaitMs" | "schedule"> {
  return {
    ...(balance === undefined ? {} : { balance }),
    ...(maxWaitMs === undefined ? {} : { maxWaitMs }),
    ...(schedule === undefined ? {} : { schedule }),
  };
}

type Room = Pick<EndpointSnapshot, "capacity" | "maxActive">;

function roomOf(concurrency: number | undefined): Room {
  return concurrency === undefined ? { capacity: DEFAULT_CAPACITY } : { capacity: concurrency, maxActive: concurrency };
}

function endpointsOf(
  { instances, ejected }: Pick<SnapshotInput, "instances" | "ejected">,
  names: {
    readonly service: string;
    readonly pool: string;
    readonly portName: string;
    readonly room: Room;
    readonly hasSpares: boolean;
  },
): readonly EndpointSnapshot[] {
  const own = instances.filter((instance) => instance.service === names.service);
  const ready = own.filter(({ phase, isTakenIn }) => phase === "ready" && (isTakenIn || !names.hasSpares));
  const unhealthy = own.filter(({ phase }) => phase === "unhealthy");
  // Panic: where fewer than half are well, those few would get all requests and fall too. The gateway finds out by itself who answers.
  const serving = ready.length * 2 < ready.length + unhealthy.length ? [...ready, ...unhealthy] : ready;
  const draining = own.filter((instance) => instance.phase === "draining");
  return [...serving, ...draining]
    .toSorted((a, b) => a.ordinal - b.ordinal || a.startedAt - b.startedAt)
    .flatMap((instance): EndpointSnapshot[] => {
      const address = instance.addresses[names.portName];
      if (address === undefined) return [];
      const state = instance.phase === "draining" ? "draining" : "serving";
      const isEjected = state === "serving" && ejected.has(instance.handle);
      const id = endpointId(instance, names.pool);
      return [{ id, address, weight: 1, ...names.room, state, ...(isEjected ? { ejected: true } : {}) }];
    });
}

function externalEndpoint(pool: string, text: string, room: Room): readonly EndpointSnapshot[] {
  const address = splitAddress(text);
  if (address === undefined) return [];
  return [{ id: `${pool}/external`, address, weight: 1, ...room, state: "serving" }];
}

function modelsOf(spec: AppSpec): readonly ModelSnapshot[] {
  return Object.values(spec.models).map(({ backends, ...model }) => ({
    ...model,
    backends: backends.map((backend, index): BackendSnapshot => {
      const id = `${model.name}/${index}`;
      if (backend.kind === "provider") return { ...backend, id };
      const { service, kind: _kind, ...use } = backend;
      const engine = spec.services[service]?.serve?.engine;
      return { ...(engine === undefined ? {} : { traits: engine }), ...use, kind: "pool", id, pool: service };
    }),
  }));
}

function accountsOf({ tenants, prices, gateway }: AppSpec): Partial<UnversionedSnapshot> {
  const { timeZone, maxBodyBytes, jwt, limitStore } = gateway;
  return {
    ...(tenants === undefined ? {} : { tenants: Object.entries(tenants).map(tenantOf) }),
    ...(prices === undefined ? {} : { prices }),
    ...(jwt === undefined ? {} : { jwt }),
    ...(limitStore === undefined ? {} : { limitStore }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
  };
}

function tenantOf([id, { priority, weight, ...limits }]: readonly [string, TenantSpec]): TenantSnapshot {
  return {
    id,
    limits,
    ...(priority === undefined ? {} : { priority }),
    ...(weight === undefined ? {} : { weight }),
  };
}

function keysOf(spec: AppSpec, keySecret: string): readonly KeySnapshot[] {
  return Object.values(spec.services)
    .filter((service) => service.models.length > 0)
    .map((service) => ({
      id: `service/${service.name}`,
      hmac: createHmac("sha256", keySecret).update(virtualKey(keySecret, service.name)).digest("hex"),
      service: service.name,
      models: service.models.map((grant) => grant.model),
    }));
}
