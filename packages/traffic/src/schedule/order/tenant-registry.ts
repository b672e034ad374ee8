// All tenants of a pool, by class and name. Who has been away longest is forgotten when there are too many; nobody is who waits, runs, or
// still stands in the shadow of arrivals, so the bound is `maxTenants` and those.
import type { QueueTable } from "./queue-table.ts";
import { createHeapPlaces, growHeapPlaces, type HeapPlaces } from "./slot-heap.ts";
import { createTenantQueue, type TenantQueue } from "./tenant-queue.ts";

/** The tenants; changed in place. */
export interface TenantRegistry {
  /** By number; a number is given again when its tenant was forgotten. */
  readonly rows: TenantQueue[];
  /** By class and name; the one that was away longest first. */
  readonly byName: readonly Map<string, TenantQueue>[];
  readonly counterPlaces: HeapPlaces;
  readonly urgentPlaces: HeapPlaces;
  readonly owedPlaces: HeapPlaces;
  readonly freeRows: number[];
  readonly maxTenants: number;
  weightOf: (tenant: string) => number;
}

/** Tenants looked at for one to forget. */
const FORGET_TRIES = 16;
const FIRST_ROWS = 16;

/** No tenants yet. */
export function createTenantRegistry(
  classes: number,
  options: Pick<TenantRegistry, "maxTenants" | "weightOf">,
): TenantRegistry {
  return {
    rows: [],
    byName: Array.from({ length: classes }, () => new Map<string, TenantQueue>()),
    counterPlaces: createHeapPlaces(FIRST_ROWS),
    urgentPlaces: createHeapPlaces(FIRST_ROWS),
    owedPlaces: createHeapPlaces(FIRST_ROWS),
    freeRows: [],
    ...options,
  };
}

/** The tenant of that name in that class, who is here now; made when it is new. */
export function meetTenant(registry: TenantRegistry, table: QueueTable, classIndex: number, name: string): TenantQueue {
  const names = registry.byName[classIndex] as Map<string, TenantQueue>;
  const known = names.get(name);
  if (known) {
    names.delete(name);
    names.set(name, known);
    return known;
  }
  if (names.size >= registry.maxTenants) forgetOne(registry, names);
  const index = registry.freeRows.pop() ?? registry.rows.length;
  for (const places of [registry.counterPlaces, registry.urgentPlaces, registry.owedPlaces])
    growHeapPlaces(places, index);
  const tenant = createTenantQueue(table, { index, tenant: name, classIndex, weight: registry.weightOf(name) });
  registry.rows[index] = tenant;
  names.set(name, tenant);
  return tenant;
}

function forgetOne(registry: TenantRegistry, names: Map<string, TenantQueue>): void {
  let tries = 0;
  for (const [name, tenant] of names) {
    if (tenant.oldest < 0 && tenant.inFlight === 0 && tenant.inShadow === 0) {
      names.delete(name);
      registry.freeRows.push(tenant.index);
      return;
    }
    tries += 1;
    if (tries >= FORGET_TRIES) return;
  }
}
