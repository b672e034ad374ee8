// What everybody would have waited in order of arrival. While somebody waits, whoever is granted, the same work is done in the same time; so
// a request would have begun in order of arrival at the moment when as much work was granted as had come before it. That moment is
// seen without simulating anything: two sums and a ring of the arrivals that it has not passed yet.
//
// From it every tenant has a balance: for each of its requests the wait that it is promised (a multiple of the wait by arrival) less its
// wait. Negative means that it waits longer in the mean than it is promised. Those who wait still and would have begun by now are in the
// balance as they get older: overdue · now is taken off a sum, so a balance is a falling line and a heap knows whose is used up first.
import type { QueueTable } from "./queue-table.ts";
import { addToHeap, moveInHeap, removeFromHeap, type SlotHeap } from "./slot-heap.ts";
import type { TenantQueue } from "./tenant-queue.ts";

/** The shadow of one class; changed in place. */
export interface ArrivalShadow {
  /** The multiple that is promised to a tenant of the usual weight. */
  readonly waitRatio: number;
  /** Work that came, and that was granted or left, ms. */
  arrivedMs: number;
  grantedMs: number;
  /** Ring: the work that came before, its arrival, its tenant (−1: it left), how long it waited (NaN: it waits), its slot (−1: gone). */
  beforeMs: Float64Array;
  arrivedAt: Float64Array;
  waitedMs: Float64Array;
  tenant: Int32Array;
  slot: Int32Array;
  head: number;
  count: number;
  /** Those of the ring and before it who wait still. */
  waiting: number;
}

/** Arrivals that are remembered: the ring grows by doubling up to this; then the oldest counts as if it had its turn. */
const MOST_ARRIVALS = 16_384;
const FIRST_ARRIVALS = 64;
/** What is in hand from requests that went sooner than promised is no more than this: a good past excuses no long wait. */
const MOST_SETTLED_MS = 60_000;
/** A larger multiple is as good as none, and sums of it stay exact enough. */
const MOST_RATIO = 1e6;
/** Less work than this counts as this: an arrival has to move the sum. */
const LEAST_WORK_MS = 1e-3;

/** A shadow in which nobody waits. */
export function createArrivalShadow(waitRatio: number): ArrivalShadow {
  return {
    waitRatio: Math.min(MOST_RATIO, waitRatio),
    arrivedMs: 0,
    grantedMs: 0,
    beforeMs: new Float64Array(FIRST_ARRIVALS),
    arrivedAt: new Float64Array(FIRST_ARRIVALS),
    waitedMs: new Float64Array(FIRST_ARRIVALS),
    tenant: new Int32Array(FIRST_ARRIVALS),
    slot: new Int32Array(FIRST_ARRIVALS),
    head: 0,
    count: 0,
    waiting: 0,
  };
}

/** What the functions here look at and change. */
export interface ShadowView {
  readonly shadow: ArrivalShadow;
  readonly table: QueueTable;
  readonly tenants: readonly TenantQueue[];
  /** Tenants with something overdue, whose balance is used up first at the top. */
  readonly owed: SlotHeap;
  /** Tenants of whom somebody waits, and the sum of their weights. */
  readonly presentTenants: number;
  readonly presentWeight: number;
}

/** A request came and waits in this slot; its row names its place in the ring from now on. */
export function shadowArrival(view: ShadowView, slot: number, now: number): void {
  const { shadow, table } = view;
  if (shadow.count === MOST_ARRIVALS) passHead(view, now);
  else if (shadow.count === shadow.slot.length) growRing(shadow, table);
  const at = (shadow.head + shadow.count) & (shadow.slot.length - 1);
  const request = table.requests[slot];
  shadow.beforeMs[at] = shadow.arrivedMs;
  shadow.arrivedAt[at] = request?.arrivedAt ?? now;
  shadow.waitedMs[at] = Number.NaN;
  shadow.tenant[at] = table.tenant[slot] as number;
  shadow.slot[at] = slot;
  shadow.count += 1;
  shadow.waiting += 1;
  tenantOf(view, slot).inShadow += 1;
  shadow.arrivedMs += Math.max(LEAST_WORK_MS, request?.workMs ?? 0);
  table.shadowAt[slot] = at;
  table.firstComeWaitMs[slot] = Number.NaN;
}

/** The request in this slot is granted; called while its row is still there. */
export function shadowGrant(view: ShadowView, slot: number, now: number): void {
  const { shadow, table } = view;
  const request = table.requests[slot];
  const arrivedAt = request?.arrivedAt ?? now;
  const at = table.shadowAt[slot] as number;
  if (at >= 0) {
    shadow.waitedMs[at] = now - arrivedAt;
    shadow.slot[at] = -1;
  } else {
    const promisedMs = table.promisedMs[slot] as number;
    addOverdue(view, tenantOf(view, slot), -1, promisedMs + arrivedAt);
    settle(view, tenantOf(view, slot), promisedMs - (now - arrivedAt));
  }
  shadow.grantedMs += Math.max(LEAST_WORK_MS, request?.workMs ?? 0);
  pass(view, now);
}

/** The request in this slot leaves without a grant; in order of arrival it would have left too. Called while its row is still there. */
export function shadowLeave(view: ShadowView, slot: number, now: number): void {
  const { shadow, table } = view;
  const at = table.shadowAt[slot] as number;
  const request = table.requests[slot];
  if (at >= 0) {
    shadow.tenant[at] = -1;
    shadow.slot[at] = -1;
    tenantOf(view, slot).inShadow -= 1;
    shadow.grantedMs += Math.max(LEAST_WORK_MS, request?.workMs ?? 0);
  } else {
    const promisedMs = table.promisedMs[slot] as number;
    addOverdue(view, tenantOf(view, slot), -1, promisedMs + (request?.arrivedAt ?? now));
  }
  pass(view, now);
}

/** When the tenant's balance is used up, if nothing of it is granted: from then on it is owed a grant. Infinity: nothing is overdue. */
export function owedAt(tenant: TenantQueue): number {
  return tenant.overdue === 0 ? Number.POSITIVE_INFINITY : (tenant.settledMs + tenant.overdueMs) / tenant.overdue;
}

/** One waits no more: passes those who would have begun by now; all, when nobody waits. */
function pass(view: ShadowView, now: number): void {
  const { shadow } = view;
  shadow.waiting -= 1;
  while (shadow.count > 0 && (shadow.waiting === 0 || (shadow.beforeMs[shadow.head] as number) < shadow.grantedMs)) {
    passHead(view, now);
  }
  if (shadow.count === 0) shadow.arrivedMs = shadow.grantedMs = 0;
}

function passHead(view: ShadowView, now: number): void {
  const { shadow, table, tenants } = view;
  const { head } = shadow;
  shadow.head = (head + 1) & (shadow.slot.length - 1);
  shadow.count -= 1;
  const row = shadow.tenant[head] as number;
  if (row < 0) return;
  const tenant = tenants[row] as TenantQueue;
  tenant.inShadow -= 1;
  const arrivedAt = shadow.arrivedAt[head] as number;
  const firstComeWaitMs = now - arrivedAt;
  const promisedMs = promiseTo(view, tenant) * firstComeWaitMs;
  const slot = shadow.slot[head] as number;
  if (slot < 0) settle(view, tenant, promisedMs - (shadow.waitedMs[head] as number));
  else {
    table.shadowAt[slot] = -1;
    table.firstComeWaitMs[slot] = firstComeWaitMs;
    table.promisedMs[slot] = promisedMs;
    addOverdue(view, tenant, 1, promisedMs + arrivedAt);
  }
}

/**
 * The multiple that a tenant is promised. Of tenants that ask for as much as each other the one with half the mean weight waits twice as long as by
 * arrival: that is what its weight means, and no debt.
 */
function promiseTo({ shadow, presentTenants, presentWeight }: ShadowView, { weight }: TenantQueue): number {
  const mean = presentWeight / Math.max(1, presentTenants);
  return Math.min(MOST_RATIO, shadow.waitRatio * Math.max(1, mean / weight));
}

function tenantOf({ table, tenants }: ShadowView, slot: number): TenantQueue {
  return tenants[table.tenant[slot] as number] as TenantQueue;
}

function settle(view: ShadowView, tenant: TenantQueue, byMs: number): void {
  tenant.settledMs = Math.min(MOST_SETTLED_MS, tenant.settledMs + byMs);
  moveInHeap(view.owed, tenant.index);
}

function addOverdue({ owed }: ShadowView, tenant: TenantQueue, sign: 1 | -1, sumMs: number): void {
  tenant.overdue += sign;
  tenant.overdueMs = tenant.overdue === 0 ? 0 : tenant.overdueMs + sign * sumMs;
  if (tenant.overdue === 0) removeFromHeap(owed, tenant.index);
  else if (tenant.overdue === 1 && sign === 1 && !tenant.isOverShare) addToHeap(owed, tenant.index);
  else moveInHeap(owed, tenant.index);
}

/** Doubles the ring and puts its head at the front. */
function growRing(shadow: ArrivalShadow, table: QueueTable): void {
  const { head, slot } = shadow;
  const turn = <T extends Float64Array | Int32Array>(cells: T, longer: T): T => {
    longer.set(cells.subarray(head), 0);
    longer.set(cells.subarray(0, head), cells.length - head);
    return longer;
  };
  const length = slot.length * 2;
  shadow.beforeMs = turn(shadow.beforeMs, new Float64Array(length));
  shadow.arrivedAt = turn(shadow.arrivedAt, new Float64Array(length));
  shadow.waitedMs = turn(shadow.waitedMs, new Float64Array(length));
  shadow.tenant = turn(shadow.tenant, new Int32Array(length));
  shadow.slot = turn(shadow.slot, new Int32Array(length));
  shadow.head = 0;
  for (let at = 0; at < shadow.count; at += 1) {
    const waiting = shadow.slot[at] as number;
    if (waiting >= 0) table.shadowAt[waiting] = at;
  }
}
