// From the queue to an endpoint: the one place where a request that waits is granted.
import { createReservation } from "./book/reservation.ts";
import type { Grant, GrantReason } from "./grant.ts";
import { holdBack } from "./hold-back.ts";
import { addServed } from "./order/fair-share.ts";
import { offerInOrder } from "./order/offer-in-order.ts";
import { grantFromQueue } from "./order/request-queue.ts";
import { findFertile, markBarren } from "./place/barren-ground.ts";
import { dropClaim, endpointToClaim } from "./place/claim.ts";
import { doesAnyFit, findFit, mayFit } from "./place/find-fit.ts";
import { addNeed, removeNeed } from "./place/need-index.ts";
import { placeInRoom, uncachedTokensAt, warmestEndpoint } from "./place/placer.ts";
import { openClaimed, readRoom, shutEndpoint, slotFitsAny } from "./place/room.ts";
import type { ScheduledRequest } from "./scheduled-request.ts";
import type { SchedulerState } from "./scheduler-state.ts";
import { endWarmWaits, waitsForWarm } from "./warm-wait.ts";

/**
 * Times that one is looked for again because a worker or an old prompt cache was in the way, or because he would rather wait. Each time there is
 * one less, so it is a bound for what cannot happen.
 */
const MOST_SEARCHES = 1_000;

/** The next one that can start now, reserved; undefined: nobody can. */
export function startNext(state: SchedulerState, now: number): Grant | undefined {
  const { queue, placer, book, claim, search } = state;
  holdBack(state, now);
  endWarmWaits(state, now);
  readRoom(placer.room, book, claim.endpoint);
  const claimed = claim.slot < 0 ? undefined : startClaimed(state, now);
  if (claimed !== undefined) return claimed;
  if (placer.room.open === 0) return undefined;
  const isFertile = findFertile(search.ground, placer.room) > 0;
  if (!isFertile && search.ground.fresh.length === 0) return undefined;
  if (!doesAnyFit(search)) {
    markBarren(search.ground, placer.room);
    return undefined;
  }
  let head = -1;
  let first: ScheduledRequest | undefined;
  let grant: Grant | undefined;
  offerInOrder(queue, now, (slot, reason) => {
    if (head < 0) {
      head = slot;
      first = queue.table.requests[slot];
    }
    // Those who came earlier fit nowhere: only the newcomers are looked at, below.
    if (isFertile && mayFit(search, slot)) grant = tryStart(state, slot, reason, now);
    return grant !== undefined || !isFertile;
  });
  grant ??= startFitting(state, now);
  if (grant !== undefined && first !== undefined && grant.request !== first) noteSkip(state, head);
  return grant;
}

/** The one that has claimed an endpoint, when it fits there or anywhere. Afterwards the endpoint is shut to others. */
function startClaimed(state: SchedulerState, now: number): Grant | undefined {
  const { claim, placer, book } = state;
  const { slot, endpoint } = claim;
  if (!book.limits(endpoint).isServing) {
    dropClaim(claim);
    readRoom(placer.room, book, -1);
    return undefined;
  }
  const isOpen = openClaimed(placer.room, endpoint);
  const grant = tryStart(state, slot, "claim", now);
  if (grant === undefined && isOpen) shutEndpoint(placer.room, endpoint);
  return grant;
}

/** The first in order of all that fit. One whose prompt is less known than when it came may turn out not to: then the next. */
function startFitting(state: SchedulerState, now: number): Grant | undefined {
  const { search, placer } = state;
  for (let searches = 0; searches < MOST_SEARCHES; searches += 1) {
    findFertile(search.ground, placer.room);
    const slot = findFit(search);
    if (slot < 0) {
      markBarren(search.ground, placer.room);
      return undefined;
    }
    const grant = tryStart(state, slot, "fits", now);
    if (grant !== undefined) return grant;
  }
  return undefined;
}

function tryStart(state: SchedulerState, slot: number, reason: GrantReason, now: number): Grant | undefined {
  const { queue, placer, granted, claim } = state;
  const { table, order } = queue;
  if (!slotFitsAny(placer.room, table, slot)) return undefined;
  const request = table.requests[slot] as ScheduledRequest;
  if (waitsForWarm(state, slot, now)) return undefined;
  const reservation = createReservation(request.row);
  placer.need.isHeldBack = table.isHeldBack[slot] === 1;
  const endpoint = placeInRoom(placer, request, reservation);
  if (endpoint < 0) {
    noteWarmth(state, slot);
    return undefined;
  }
  const { prefillTokens } = reservation;
  const charge = prefillTokens * order.inputCharge + request.outputTokens * order.outputCharge;
  const sequence = table.sequence[slot] as number;
  const key = table.key[slot] as number;
  if (claim.slot === slot) dropClaim(claim);
  const tenant = grantFromQueue(queue, slot, { reason, charge }, now);
  addServed(state.pace, request.workMs, now);
  const cachedTokens = request.inputTokens - prefillTokens;
  granted.set(request.id, {
    request,
    reservation,
    tenant,
    sequence,
    grantedAt: now,
    cachedTokens,
    charge,
    hasToken: false,
  });
  placer.prefixes?.add(endpoint, request.blocks);
  const chosen = placer.all[endpoint];
  const waitedMs = now - request.arrivedAt;
  const candidates = placer.candidates.length;
  return { request, endpoint, cachedTokens, reason, waitedMs, key, candidates, loadAfter: chosen?.loadAfter ?? 0 };
}

/** Notes where the prompt in this slot is known now. */
function noteWarmth({ queue, placer }: SchedulerState, slot: number): void {
  const { table, needs } = queue;
  removeNeed(needs, table, slot);
  const request = table.requests[slot] as ScheduledRequest;
  const warmest = warmestEndpoint(placer, request);
  table.warmEndpoint[slot] = warmest;
  table.warmTokens[slot] = warmest < 0 ? request.inputTokens : uncachedTokensAt(placer, warmest, request);
  addNeed(needs, table, slot);
}

/** Another one was granted before the first in order; after so many it claims an endpoint. */
function noteSkip({ queue, claim, book }: SchedulerState, head: number): void {
  const { table, order } = queue;
  // It waits of its own accord, or because it asks for too much.
  if ((table.waitsUntil[head] as number) > 0 || table.isHeldBack[head] === 1) return;
  const skips = (table.skips[head] as number) + 1;
  table.skips[head] = skips;
  if (skips < order.claimAfterSkips || claim.slot >= 0) return;
  const prefillTokens = Math.min(table.warmTokens[head] as number, table.inputTokens[head] as number);
  const kvTokens = (table.inputTokens[head] as number) + (table.remainingTokens[head] as number);
  claim.endpoint = endpointToClaim(book, prefillTokens, kvTokens);
  claim.slot = claim.endpoint < 0 ? -1 : head;
}
