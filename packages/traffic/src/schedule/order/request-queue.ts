// Those who wait for one pool. The queue knows nothing of endpoints: it keeps who waits in the orders that are asked for, and the accounts
// by which `offer-in-order.ts` finds whose turn it is. Only a grant moves the accounts on.
import { lastSpan } from "../book/memory-forecast.ts";
import type { GrantReason } from "../grant.ts";
import { addNeed, createNeedIndex, removeNeed, type NeedIndex } from "../place/need-index.ts";
import type { ScheduledRequest } from "../scheduled-request.ts";
import { shadowArrival, shadowGrant, shadowLeave } from "./arrival-shadow.ts";
import { createClassQueue, type ClassQueue } from "./class-queue.ts";
import { addOffer, addServed } from "./fair-share.ts";
import { orderKey } from "./order-key.ts";
import type { OrderChange, OrderOptions, TenantOrder } from "./order-options.ts";
import { createQueueTable, freeSlot, takeSlot, type QueueTable } from "./queue-table.ts";
import { addToHeap, heapTop, moveInHeap, removeFromHeap, createSlotHeap, type SlotHeap } from "./slot-heap.ts";
import { addToTenant, removeFromTenant, type TenantQueue } from "./tenant-queue.ts";
import { createTenantRegistry, meetTenant, type TenantRegistry } from "./tenant-registry.ts";

/** What the scheduler adds to a request that waits. */
export interface QueueDemand {
  /** Work that is left where most of the prompt is known, ms. */
  readonly workMs: number;
  readonly warmEndpoint: number;
  readonly warmTokens: number;
  /** When it has to begin for its deadline; Infinity: none. */
  readonly startBy: number;
  /** Its place by arrival when it has been recalled. */
  readonly sequence: number | undefined;
}

/** The queue of one pool; changed in place. */
export interface RequestQueue {
  /** As it was when the queue was made; what can be changed stands beside it. */
  readonly order: Omit<OrderOptions, keyof OrderChange>;
  withinTenant: TenantOrder;
  oldestShare: number;
  readonly table: QueueTable;
  readonly classes: readonly ClassQueue[];
  readonly registry: TenantRegistry;
  readonly slots: Map<number, number>;
  readonly needs: NeedIndex;
  /** Those who wait for a warm endpoint, see `warm-wait.ts`. */
  readonly warmWaits: SlotHeap;
  /** Where the rotation of the classes is: the pass of the one granted last. */
  pass: number;
  sequence: number;
}

/** No more than this of anything is asked for. */
const MOST_TOKENS = 0x0fff_ffff;
/** A class comes back with no more of a lead than this much work ÷ weight, ms. */
const MOST_LEAD_MS = 10_000;

/** An empty queue. */
export function createRequestQueue(order: OrderOptions): RequestQueue {
  const table = createQueueTable();
  const { maxTenants, tenantWeight: weightOf, waitRatio, withinTenant } = order;
  const registry = createTenantRegistry(order.classWeights.length, { maxTenants, weightOf });
  return {
    order,
    withinTenant,
    oldestShare: oldestShareOf(withinTenant),
    table,
    classes: order.classWeights.map((weight, index) => createClassQueue(index, weight, { table, registry, waitRatio })),
    registry,
    slots: new Map(),
    needs: createNeedIndex(table),
    warmWaits: createSlotHeap(
      table.waitPlaces,
      (one, other) => (table.waitsUntil[one] as number) < (table.waitsUntil[other] as number),
    ),
    pass: 0,
    sequence: 0,
  };
}

/** The share of a tenant's grants that its oldest may get. */
export function oldestShareOf(order: TenantOrder): number {
  return order.kind === "shortest" ? order.oldestShare : 0;
}

/** The slot in which a request waits; −1: it does not. */
export function slotOf(queue: RequestQueue, request: ScheduledRequest): number {
  return queue.slots.get(request.id) ?? -1;
}

/** The tenant of a slot. */
export function tenantAt({ table, registry }: RequestQueue, slot: number): TenantQueue {
  return registry.rows[table.tenant[slot] as number] as TenantQueue;
}

/** Puts a request in and returns its slot. */
export function joinQueue(queue: RequestQueue, request: ScheduledRequest, demand: QueueDemand, now: number): number {
  const { table, classes, registry } = queue;
  const group = classes[Math.min(classes.length - 1, request.classIndex)] as ClassQueue;
  const tenant = meetTenant(registry, table, group.index, request.tenant);
  if (group.size === 0) {
    group.pass = queue.pass + group.lead;
    group.share.busyFrom = now;
  }
  // Who comes newly has no right to service of a time in which it asked for none.
  const least = group.tenants[heapTop(group.byCounter)]?.counter ?? group.lastCounter;
  if (tenant.oldest < 0) tenant.counter = Math.max(tenant.counter, least);
  const slot = takeSlot(table, request);
  table.key[slot] = orderKey(queue.withinTenant, request.arrivedAt, demand.workMs);
  table.inputTokens[slot] = Math.min(MOST_TOKENS, Math.ceil(request.inputTokens));
  table.remainingTokens[slot] = Math.min(MOST_TOKENS, Math.ceil(request.outputTokensHigh));
  table.span[slot] = lastSpan(request.outputTokensHigh);
  table.warmEndpoint[slot] = demand.warmEndpoint;
  table.warmTokens[slot] = demand.warmTokens;
  table.startBy[slot] = demand.startBy;
  table.isHeldBack[slot] = tenant.isHeldBack ? 1 : 0;
  table.skips[slot] = 0;
  table.waitsUntil[slot] = 0;
  table.sequence[slot] = demand.sequence ?? (queue.sequence += 1);
  queue.slots.set(request.id, slot);
  const isFirst = tenant.oldest < 0;
  addToTenant(table, tenant, slot);
  if (isFirst) {
    addToHeap(group.byCounter, tenant.index);
    group.presentTenants += 1;
    group.presentWeight += tenant.weight;
  } else moveInHeap(group.byCounter, tenant.index);
  touchUrgent(group, tenant);
  group.size += 1;
  group.backlogMs += request.workMs;
  if (demand.sequence === undefined) addOffer(group.share, tenant, request.workMs, now);
  addNeed(queue.needs, table, slot);
  shadowArrival(group, slot, now);
  return slot;
}

/** A tenant brought work that nobody had to wait for. */
export function noteOffer(
  { classes, registry, table }: RequestQueue,
  { tenant, classIndex, workMs }: Pick<ScheduledRequest, "tenant" | "classIndex" | "workMs">,
  now: number,
): void {
  const group = classes[Math.min(classes.length - 1, classIndex)] as ClassQueue;
  addOffer(group.share, meetTenant(registry, table, group.index, tenant), workMs, now);
}

/** Takes one out that will not be granted. */
export function leaveQueue(queue: RequestQueue, slot: number, now: number): void {
  const group = queue.classes[tenantAt(queue, slot).classIndex] as ClassQueue;
  shadowLeave(group, slot, now);
  take(queue, group, slot);
}

/** Takes one out that is granted: turns and accounts move on. Returns its tenant, who is charged. */
export function grantFromQueue(
  queue: RequestQueue,
  slot: number,
  { reason, charge }: { readonly reason: GrantReason; readonly charge: number },
  now: number,
): TenantQueue {
  const { table, oldestShare } = queue;
  const tenant = tenantAt(queue, slot);
  const group = queue.classes[tenant.classIndex] as ClassQueue;
  const { workMs } = table.requests[slot] as ScheduledRequest;
  queue.pass = Math.max(queue.pass, group.pass);
  group.pass += workMs / group.weight;
  tenant.oldestCredit = reason === "oldest" ? 0 : Math.min(1, tenant.oldestCredit + oldestShare / (1 - oldestShare));
  addServed(group.share, workMs, now);
  shadowGrant(group, slot, now);
  tenant.counter += charge / tenant.weight;
  tenant.inFlight += 1;
  take(queue, group, slot);
  return tenant;
}

/** A request of the tenant has ended: its charge turned out to be more or less by so much. */
export function settleCharge(queue: RequestQueue, tenant: TenantQueue, difference: number): void {
  tenant.inFlight -= 1;
  tenant.counter += difference / tenant.weight;
  moveInHeap((queue.classes[tenant.classIndex] as ClassQueue).byCounter, tenant.index);
}

function take({ table, slots, pass, needs, warmWaits }: RequestQueue, group: ClassQueue, slot: number): void {
  const tenant = group.tenants[table.tenant[slot] as number] as TenantQueue;
  const request = table.requests[slot] as ScheduledRequest;
  removeFromTenant(table, tenant, slot);
  removeNeed(needs, table, slot);
  removeFromHeap(warmWaits, slot);
  if (tenant.oldest < 0) {
    removeFromHeap(group.byCounter, tenant.index);
    group.presentTenants -= 1;
    group.presentWeight -= tenant.weight;
  } else moveInHeap(group.byCounter, tenant.index);
  touchUrgent(group, tenant);
  slots.delete(request.id);
  freeSlot(table, slot);
  group.size -= 1;
  group.backlogMs = group.size === 0 ? 0 : group.backlogMs - request.workMs;
  if (group.size > 0) return;
  group.presentWeight = 0;
  group.lastCounter = tenant.counter;
  group.lead = Math.min(MOST_LEAD_MS, Math.max(0, group.pass - pass));
}

/** The tenant's most urgent deadline may have changed. */
export function touchUrgent(group: ClassQueue, tenant: TenantQueue): void {
  removeFromHeap(group.urgent, tenant.index);
  if (heapTop(tenant.byDeadline) >= 0) addToHeap(group.urgent, tenant.index);
}
