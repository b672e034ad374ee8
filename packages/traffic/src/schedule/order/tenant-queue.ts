// The waiting requests of one tenant in one class: a heap by key, a heap by deadline, and a chain by arrival for the oldest's turn. Its
// counter is how much service the tenant has had (virtual token counter, Sheng et al., OSDI 2024).
import type { DecayedSum } from "./decayed-sum.ts";
import type { QueueTable } from "./queue-table.ts";
import { addToHeap, createSlotHeap, removeFromHeap, type SlotHeap } from "./slot-heap.ts";

/** Who it is, and its weight. */
export interface TenantIdentity {
  /** Its number: rows of the table name it, heaps of its class hold it. */
  readonly index: number;
  readonly tenant: string;
  readonly classIndex: number;
  /** Its share against others of its class. */
  weight: number;
}

/** One tenant in one class; changed in place. */
export interface TenantQueue extends TenantIdentity {
  /** Service had: charged tokens ÷ weight. */
  counter: number;
  /** Those who wait, by key. */
  readonly byKey: SlotHeap;
  /** Those with a deadline that may still be met, by when they have to begin. */
  readonly byDeadline: SlotHeap;
  oldest: number;
  youngest: number;
  /** What the share for the oldest has come to; at 1 it is the oldest's turn. */
  oldestCredit: number;
  /** Requests of it that were granted and have not ended: their charge is still to be corrected. */
  inFlight: number;
  /** Work that came lately, ms. */
  readonly offered: DecayedSum;
  /** Its balance against service in order of arrival, see `arrival-shadow.ts`. */
  settledMs: number;
  overdue: number;
  overdueMs: number;
  /** Rows of the shadow's ring that name it. */
  inShadow: number;
  /** It offers more than its fair share, so nothing is owed to it; looked at anew from time to time. */
  isOverShare: boolean;
  /** It asks for far more than the others, see `hold-back.ts`: nothing is owed to it; and in a full pool it leaves them some room. */
  isOutsized: boolean;
  isHeldBack: boolean;
}

/** A tenant of whom nobody waits. */
export function createTenantQueue(table: QueueTable, identity: TenantIdentity): TenantQueue {
  return {
    ...identity,
    counter: 0,
    byKey: createSlotHeap(table.keyPlaces, (one, other) => comesBefore(table, one, other)),
    byDeadline: createSlotHeap(table.deadlinePlaces, (one, other) => startsBefore(table, one, other)),
    oldest: -1,
    youngest: -1,
    oldestCredit: 0,
    inFlight: 0,
    offered: { value: 0, at: 0 },
    settledMs: 0,
    overdue: 0,
    overdueMs: 0,
    inShadow: 0,
    isOverShare: false,
    isOutsized: false,
    isHeldBack: false,
  };
}

/** Puts a slot in, whose columns are set: as the youngest, or where it was when it has been recalled. */
export function addToTenant(table: QueueTable, queue: TenantQueue, slot: number): void {
  let older = queue.youngest;
  let younger = -1;
  while (older >= 0 && (table.sequence[older] as number) > (table.sequence[slot] as number)) {
    younger = older;
    older = table.older[older] as number;
  }
  table.tenant[slot] = queue.index;
  table.older[slot] = older;
  table.younger[slot] = younger;
  if (older >= 0) table.younger[older] = slot;
  else queue.oldest = slot;
  if (younger >= 0) table.older[younger] = slot;
  else queue.youngest = slot;
  addToHeap(queue.byKey, slot);
  if (table.startBy[slot] !== Number.POSITIVE_INFINITY) addToHeap(queue.byDeadline, slot);
}

/** Takes it out. */
export function removeFromTenant(table: QueueTable, queue: TenantQueue, slot: number): void {
  const older = table.older[slot] as number;
  const younger = table.younger[slot] as number;
  if (older >= 0) table.younger[older] = younger;
  else queue.oldest = younger;
  if (younger >= 0) table.older[younger] = older;
  else queue.youngest = older;
  removeFromHeap(queue.byKey, slot);
  removeFromHeap(queue.byDeadline, slot);
}

/** By key; equals by arrival. */
export function comesBefore(table: QueueTable, one: number, other: number): boolean {
  const a = table.key[one] as number;
  const b = table.key[other] as number;
  return a < b || (a === b && (table.sequence[one] as number) < (table.sequence[other] as number));
}

function startsBefore(table: QueueTable, one: number, other: number): boolean {
  return (table.startBy[one] as number) < (table.startBy[other] as number);
}
