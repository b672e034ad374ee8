// One class of a pool: the tenants of whom somebody waits, ordered by the service they have had, and the class's own place in the rotation
// of the classes (stride scheduling, Waldspurger and Weihl 1995: a grant moves its class on by work ÷ weight; the one that is behind is
// next).
import { createArrivalShadow, owedAt, type ArrivalShadow } from "./arrival-shadow.ts";
import { createFairShare, type FairShare } from "./fair-share.ts";
import type { QueueTable } from "./queue-table.ts";
import { createSlotHeap, heapTop, type SlotHeap } from "./slot-heap.ts";
import type { TenantQueue } from "./tenant-queue.ts";
import type { TenantRegistry } from "./tenant-registry.ts";

/** One class; changed in place. */
export interface ClassQueue {
  readonly index: number;
  weight: number;
  readonly table: QueueTable;
  readonly tenants: readonly TenantQueue[];
  /** Work granted ÷ weight, ms, on the scale of all classes. */
  pass: number;
  /** How far it was ahead when the last of it left; it comes back with that. */
  lead: number;
  /** The counter of the tenant that left last: who comes after it is lifted to it. */
  lastCounter: number;
  /** Those of whom somebody waits: least counter first. */
  readonly byCounter: SlotHeap;
  /** How many they are, and the sum of their weights; the heap lacks some while they are offered. */
  presentTenants: number;
  presentWeight: number;
  /** Those with a deadline that may still be met: who has to begin first. */
  readonly urgent: SlotHeap;
  readonly owed: SlotHeap;
  /** Tenants that are overdue but over their share. */
  readonly overShare: TenantQueue[];
  readonly shadow: ArrivalShadow;
  readonly share: FairShare;
  /** Share of the room that tenants of it who are held back leave to others (0–1). */
  headroom: number;
  /** The pool is taken for too full until then. */
  fullUntil: number;
  size: number;
  /** Work of those who wait, ms. */
  backlogMs: number;
}

/** A class of which nobody waits. */
export function createClassQueue(
  index: number,
  weight: number,
  {
    table,
    registry,
    waitRatio,
  }: { readonly table: QueueTable; readonly registry: TenantRegistry; readonly waitRatio: number },
): ClassQueue {
  const tenants = registry.rows;
  const row = (number: number): TenantQueue => tenants[number] as TenantQueue;
  const arrival = (tenant: TenantQueue): number => table.sequence[tenant.oldest] ?? 0;
  const hadLess = (one: number, other: number): boolean => {
    const a = row(one);
    const b = row(other);
    return a.counter < b.counter || (a.counter === b.counter && arrival(a) < arrival(b));
  };
  const startBy = (number: number): number =>
    table.startBy[heapTop(row(number).byDeadline)] ?? Number.POSITIVE_INFINITY;
  return {
    index,
    weight,
    table,
    tenants,
    pass: 0,
    lead: 0,
    lastCounter: 0,
    byCounter: createSlotHeap(registry.counterPlaces, hadLess),
    presentTenants: 0,
    presentWeight: 0,
    urgent: createSlotHeap(registry.urgentPlaces, (one, other) => startBy(one) < startBy(other)),
    owed: createSlotHeap(registry.owedPlaces, (one, other) => owedAt(row(one)) < owedAt(row(other))),
    overShare: [],
    shadow: createArrivalShadow(waitRatio),
    share: createFairShare(),
    headroom: 0,
    fullUntil: Number.NEGATIVE_INFINITY,
    size: 0,
    backlogMs: 0,
  };
}
