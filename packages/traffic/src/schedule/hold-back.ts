// Who asks for much more than its share leaves some room to the others. A tenant that fills every slot and all memory as they come free would let
// the others wait for a place although they are first in order, because places come free only as answers end. So it is held back while
// others are about who ask for less: it leaves free what those may need.
import type { ClassQueue } from "./order/class-queue.ts";
import { isLevelOld, isWithinShare, offerOf, refreshLevel } from "./order/fair-share.ts";
import { addToHeap } from "./order/slot-heap.ts";
import type { TenantQueue } from "./order/tenant-queue.ts";
import { forgetBarren, noteFresh } from "./place/barren-ground.ts";
import { dropClaim } from "./place/claim.ts";
import { addNeed, removeNeed } from "./place/need-index.ts";
import { setHeadroom } from "./place/room.ts";
import type { SchedulerState } from "./scheduler-state.ts";

/** Held back is who asks for so many times what the others ask for in the mean, until it asks for this part of that. */
const ABUSE = 3;
const RELEASE = 0.8;
/** The room that is left is this multiple of what the others ask for, in steps, so that it does not change all the time. */
const OTHERS_NEED = 2.75;
const STEP = 0.05;
/** A pool that was too full is taken for it so long, and before it is, this part of the room is left: a burst fills it faster than it empties. */
const FULL_MS = 60_000;
const BEFORE = 0.6;
/** Who asks for a smaller part of all than this is not about. */
const LEAST_PART = 0.001;

/** Looks, once in a while, at who is over its share and who has to leave room. */
export function holdBack(state: SchedulerState, now: number): void {
  const { queue, placer, search } = state;
  let isRefreshed = false;
  for (const group of queue.classes) {
    if (group.size === 0 || !isLevelOld(group.share, now)) continue;
    isRefreshed = true;
    const tenants = [...(queue.registry.byName[group.index] as Map<string, TenantQueue>).values()];
    refreshLevel(group.share, tenants, now);
    for (const tenant of group.overShare.splice(0)) {
      tenant.isOverShare = false;
      if (tenant.overdue > 0) addToHeap(group.owed, tenant.index);
    }
    if (queue.order.headroom > 0) lookAtClass(state, group, tenants, now);
  }
  if (!isRefreshed) return;
  const headroom = Math.max(...queue.classes.map((group) => group.headroom));
  if (headroom === placer.room.headroom) return;
  setHeadroom(placer.room, headroom);
  forgetBarren(search.ground);
}

function lookAtClass(state: SchedulerState, group: ClassQueue, tenants: readonly TenantQueue[], now: number): void {
  const { share } = group;
  const offers = tenants.map((tenant) => offerOf(tenant, now));
  const all = offers.reduce((sum, offer) => sum + offer, 0);
  const isAbout = (index: number): boolean => (offers[index] as number) > LEAST_PART * all;
  const weights = tenants.reduce((sum, { weight }, index) => sum + (isAbout(index) ? weight : 0), 0);
  let others = 0;
  let isFull = false;
  for (const [index, tenant] of tenants.entries()) {
    const offer = offers[index] as number;
    // Alone it has nobody to leave room to: the mean of the others is not a number.
    const mean = (all - offer) / (weights - tenant.weight);
    const most = ABUSE * mean * tenant.weight * (tenant.isOutsized ? RELEASE : 1);
    tenant.isOutsized = isAbout(index) && mean > 0 && mean < Number.POSITIVE_INFINITY && offer > most;
    if (!tenant.isOutsized) others += offer;
    // In a full pool nobody is held back who asks for no more than is fair.
    isFull ||= tenant.isOutsized && !isWithinShare(share, tenant, now);
  }
  if (isFull) group.fullUntil = now + FULL_MS;
  const { headroom } = state.queue.order;
  const most = now < group.fullUntil ? headroom : headroom * BEFORE;
  group.headroom = Math.min(most, Math.ceil((OTHERS_NEED * others) / all / STEP) * STEP);
  for (const tenant of tenants) {
    const isHeldBack = group.headroom > 0 && tenant.isOutsized;
    if (isHeldBack !== tenant.isHeldBack) setHeldBack(state, tenant, isHeldBack);
  }
}

/** Its requests are looked for among those of the other kind from now on. */
function setHeldBack({ queue, search, claim }: SchedulerState, tenant: TenantQueue, isHeldBack: boolean): void {
  const { table, needs } = queue;
  if (claim.slot >= 0 && table.tenant[claim.slot] === tenant.index) dropClaim(claim);
  tenant.isHeldBack = isHeldBack;
  for (const slot of tenant.byKey.slots) {
    removeNeed(needs, table, slot);
    table.isHeldBack[slot] = isHeldBack ? 1 : 0;
    addNeed(needs, table, slot);
    noteFresh(search.ground, table, slot);
  }
}
