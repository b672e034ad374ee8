// Whether a snapshot can be served. It comes from control, which checks what users write; here only that is checked whose violation
// would break the gateway: the format, references between the parts, numbers that decisions divide by, bounds.
import { completeSchedule, SNAPSHOT_FORMAT, TENANT_ORDERS, type ScheduleSpec, type Snapshot } from "@flyball/core";
import { MAX_SLOTS } from "../shared/in-flight-table.ts";

/** Routes, pools, models and keys at once. */
export const MAX_PARTS = 20_000;

/** Answers tell by its id which backend they are from. */
const HEADER_TEXT = /^[\x21-\x7e][\x20-\x7e]*$/;

/** The snapshot, or one sentence on why it is refused. */
export type CheckedSnapshot =
  | { readonly kind: "valid"; readonly snapshot: Snapshot }
  | { readonly kind: "invalid"; readonly reason: string };

/** Checks a value from the link or from a file. Never throws. */
export function checkSnapshot(value: unknown): CheckedSnapshot {
  try {
    const reason = findFault(value as Snapshot);
    if (reason !== undefined) return { kind: "invalid", reason };
    return { kind: "valid", snapshot: value as Snapshot };
  } catch (error) {
    return { kind: "invalid", reason: `it has not the shape of a snapshot: ${String(error)}` };
  }
}

function findFault(snapshot: Snapshot): string | undefined {
  if (snapshot === null || typeof snapshot !== "object") return "it is no object";
  const format: string = snapshot.format;
  if (format !== SNAPSHOT_FORMAT) {
    return `its format is ${format}, this gateway reads ${SNAPSHOT_FORMAT}`;
  }
  if (!Number.isSafeInteger(snapshot.version)) return "its version is no whole number";
  const { listeners, routes, pools, models, keys } = snapshot;
  if ([listeners, routes, pools, models, keys].some((list) => list.length > MAX_PARTS)) {
    return `it has more than ${MAX_PARTS} parts of a kind`;
  }
  return (
    findDuplicate(listeners, "listener") ??
    findDuplicate(pools, "pool") ??
    findDuplicate(routes, "route") ??
    findPoolFault(snapshot) ??
    findTenantFault(snapshot) ??
    findModelFault(snapshot) ??
    findRouteFault(snapshot)
  );
}

function findDuplicate(parts: readonly { readonly id: string }[], what: string): string | undefined {
  const seen = new Set<string>();
  for (const { id } of parts) {
    if (typeof id !== "string" || id === "") return `a ${what} has no id`;
    if (seen.has(id)) return `the ${what} ${id} is there twice`;
    seen.add(id);
  }
  return undefined;
}

function findPoolFault({ pools }: Snapshot): string | undefined {
  const endpoints = pools.flatMap((pool) => pool.endpoints);
  if (endpoints.length > MAX_SLOTS) return `it has more than ${MAX_SLOTS} endpoints`;
  for (const { id, weight, capacity, address } of endpoints) {
    if (!(weight > 0) || !(capacity > 0)) return `endpoint ${id} has no weight or capacity above 0`;
    if (!Number.isInteger(address.port) || address.port < 1 || address.port > 65_535) {
      return `endpoint ${id} has no port`;
    }
  }
  for (const { id, timeouts, retries, schedule } of pools) {
    if (!(timeouts.connectMs >= 0) || !(retries.attempts >= 0)) {
      return `pool ${id} has no timeouts or retries`;
    }
    if (!isSchedule(schedule)) return `pool ${id} has a schedule that cannot be kept to`;
  }
  return findDuplicate(endpoints, "endpoint");
}

function isSchedule(spec: ScheduleSpec | undefined): boolean {
  const { classWeights, order, gammaPerSecond, ...rest } = completeSchedule(spec);
  const { prefixThreshold, promptChunks, kvUtilization, kvTokens = 1, itlObjectiveMs = 1, slowStartMs } = rest;
  const above = [...Object.values(classWeights), gammaPerSecond, prefixThreshold, kvUtilization, itlObjectiveMs];
  return (
    above.every(isAbove) &&
    [promptChunks, kvTokens].every((count) => Number.isSafeInteger(count) && count >= 1) &&
    kvUtilization <= 1 &&
    slowStartMs >= 0 &&
    TENANT_ORDERS.includes(order)
  );
}

function isAbove(value: number): boolean {
  return value > 0 && Number.isFinite(value);
}

function findTenantFault({ tenants = [] }: Snapshot): string | undefined {
  const fault = tenants.find(({ weight }) => weight !== undefined && !isAbove(weight));
  return fault === undefined ? undefined : `tenant ${fault.id} has no weight above 0`;
}

function findModelFault({ models, pools }: Snapshot): string | undefined {
  const known = new Set(pools.map(({ id }) => id));
  for (const { name, backends } of models) {
    for (const backend of backends) {
      if (!HEADER_TEXT.test(backend.id)) return `model ${name} has a backend whose id cannot stand in a header`;
      if (backend.kind === "pool" && !known.has(backend.pool)) {
        return `model ${name} names the unknown pool ${backend.pool}`;
      }
      if (backend.kind === "provider" && !URL.canParse(backend.baseUrl)) {
        return `model ${name} has a provider without a usable base URL`;
      }
    }
  }
  return undefined;
}

function findRouteFault({ routes, listeners, pools, models }: Snapshot): string | undefined {
  const knownListeners = new Set(listeners.map(({ id }) => id));
  const knownPools = new Set(pools.map(({ id }) => id));
  const knownModels = new Set(models.map(({ name }) => name));
  for (const { id, listener, destination, match } of routes) {
    if (!knownListeners.has(listener)) return `route ${id} names the unknown listener ${listener}`;
    if (typeof match.pathPrefix !== "string" || !match.pathPrefix.startsWith("/")) {
      return `route ${id} has a path that does not begin with /`;
    }
    if (destination.kind === "pools") {
      const unknown = destination.pools.find(({ pool }) => !knownPools.has(pool));
      if (unknown) return `route ${id} names the unknown pool ${unknown.pool}`;
    } else {
      const unknown = destination.models.find((model) => !knownModels.has(model));
      if (unknown !== undefined) return `route ${id} names the unknown model ${unknown}`;
    }
  }
  return undefined;
}
