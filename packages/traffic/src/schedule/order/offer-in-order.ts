// Whose turn it is. Classes come by their share; in a class comes first who would miss a deadline, then a tenant that is owed a grant, then
// the tenant that has had least; of a tenant its oldest when it is its turn, else the first by key. Deadlines and debts count only for a
// tenant within its fair share: else one could buy the others' places by promising its clients much.
//
// Requests are offered in that order to a function that takes one or does not. Only so many are: the ones behind them are found by
// `find-fit.ts`, which looks at all.
import type { GrantReason } from "../grant.ts";
import type { ScheduledRequest } from "../scheduled-request.ts";
import { owedAt } from "./arrival-shadow.ts";
import type { ClassQueue } from "./class-queue.ts";
import { isWithinShare } from "./fair-share.ts";
import { touchUrgent, type RequestQueue } from "./request-queue.ts";
import { addToHeap, heapAt, heapTop, removeFromHeap, showInOrder } from "./slot-heap.ts";
import { comesBefore, type TenantQueue } from "./tenant-queue.ts";

/** Takes the request in the slot and returns true, or leaves it where it is. */
export type TakeSlot = (slot: number, reason: GrantReason) => boolean;

/** How many are offered in one look at most: of a tenant by key, tenants by counter, tenants with a deadline or a debt. */
const OFFERED_BY_KEY = 16;
const OFFERED_TENANTS = 4;
const OFFERED_EARLY = 3;
/** A deadline is given up when this share of the time that is needed is not left any more. */
const LOST_SHARE = 0.5;

/** Offers the first ones in order until one is taken; false: none of them was. */
export function offerInOrder(queue: RequestQueue, now: number, take: TakeSlot): boolean {
  let tried = 0;
  for (let group = nextClass(queue, tried); group !== undefined; group = nextClass(queue, tried)) {
    if (offerClass(queue, group, now, take)) return true;
    tried |= 1 << group.index;
  }
  return false;
}

/** Whether one slot's turn comes before the other's. Deadlines, debts and turns of the oldest are not looked at. */
export function isBeforeInOrder(queue: RequestQueue, one: number, other: number): boolean {
  const { table, registry, classes } = queue;
  const a = registry.rows[table.tenant[one] as number] as TenantQueue;
  const b = registry.rows[table.tenant[other] as number] as TenantQueue;
  if (a === b) return comesBefore(table, one, other);
  if (a.classIndex === b.classIndex) {
    return a.counter < b.counter || (a.counter === b.counter && comesBefore(table, one, other));
  }
  const behind = (classes[a.classIndex] as ClassQueue).pass - (classes[b.classIndex] as ClassQueue).pass;
  return behind < 0 || (behind === 0 && a.classIndex < b.classIndex);
}

function nextClass({ classes }: RequestQueue, tried: number): ClassQueue | undefined {
  let next: ClassQueue | undefined;
  for (const group of classes) {
    if (group.size === 0 || (tried & (1 << group.index)) !== 0) continue;
    if (next === undefined || group.pass < next.pass) next = group;
  }
  return next;
}

function offerClass(queue: RequestQueue, group: ClassQueue, now: number, take: TakeSlot): boolean {
  if (offerUrgent(queue, group, now, take) || offerOwed(queue, group, now, take)) return true;
  const passed: number[] = [];
  let isTaken = false;
  while (passed.length < OFFERED_TENANTS) {
    const index = heapTop(group.byCounter);
    if (index < 0) break;
    isTaken = offerTenant(queue, group.tenants[index] as TenantQueue, { now, take });
    if (isTaken) break;
    removeFromHeap(group.byCounter, index);
    passed.push(index);
  }
  for (const index of passed) addToHeap(group.byCounter, index);
  return isTaken;
}

interface Look {
  readonly now: number;
  readonly take: TakeSlot;
}

/** The oldest when it is its turn, then the first ones by key. */
function offerTenant(queue: RequestQueue, tenant: TenantQueue, { now, take }: Look, as?: GrantReason): boolean {
  const slot = urgentOf(queue, tenant, now);
  if (slot >= 0 && take(slot, "deadline")) return true;
  const isOldestsTurn = tenant.oldestCredit > 1 - 1e-9 && isLate(queue, tenant.oldest, now);
  if (isOldestsTurn && take(tenant.oldest, "oldest")) return true;
  return showInOrder(tenant.byKey, OFFERED_BY_KEY, (next) => take(next, as ?? "first"));
}

/** Whether a request has waited so many times as long as it would have in order of arrival; never before it would have begun then. */
function isLate({ table, order }: RequestQueue, slot: number, now: number): boolean {
  const waitedMs = now - (table.requests[slot] as ScheduledRequest).arrivedAt;
  return waitedMs >= order.oldestWaitRatio * (table.firstComeWaitMs[slot] as number);
}

/** Those that miss their deadline if they wait longer. */
function offerUrgent(queue: RequestQueue, group: ClassQueue, now: number, take: TakeSlot): boolean {
  for (let place = 0; place < OFFERED_EARLY; place += 1) {
    const index = heapAt(group.urgent, place);
    if (index < 0) return false;
    const tenant = group.tenants[index] as TenantQueue;
    const slot = urgentOf(queue, tenant, now);
    if (slot >= 0 && isFair(group, tenant, now) && take(slot, "deadline")) return true;
  }
  return false;
}

/** The tenant's request that has to begin now for its deadline; −1: none. One that comes too late anyway is no longer urgent. */
function urgentOf({ table, classes }: RequestQueue, tenant: TenantQueue, now: number): number {
  for (let slot = heapTop(tenant.byDeadline); slot >= 0; slot = heapTop(tenant.byDeadline)) {
    if ((table.startBy[slot] as number) > now) return -1;
    const { deadlineAt } = table.requests[slot] as ScheduledRequest;
    if (deadlineAt - now > (deadlineAt - (table.startBy[slot] as number)) * LOST_SHARE) return slot;
    removeFromHeap(tenant.byDeadline, slot);
    touchUrgent(classes[tenant.classIndex] as ClassQueue, tenant);
  }
  return -1;
}

/** Tenants that waited longer in the mean than they are promised. */
function offerOwed(queue: RequestQueue, group: ClassQueue, now: number, take: TakeSlot): boolean {
  for (let tries = 0; tries < OFFERED_EARLY; tries += 1) {
    const index = heapTop(group.owed);
    const tenant = group.tenants[index];
    if (index < 0 || tenant === undefined || owedAt(tenant) > now) return false;
    if (isFair(group, tenant, now)) return offerTenant(queue, tenant, { now, take }, "owed");
    // What it waits while it asks for more than its share is not owed to it.
    removeFromHeap(group.owed, index);
    tenant.isOverShare = true;
    tenant.settledMs = Math.max(0, tenant.settledMs);
    group.overShare.push(tenant);
  }
  return false;
}

/** Whether the tenant asks for no more than its fair share, as far as is known. */
function isFair({ share }: ClassQueue, tenant: TenantQueue, now: number): boolean {
  return !tenant.isOutsized && isWithinShare(share, tenant, now);
}
