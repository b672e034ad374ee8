// Why a request stands where it stands: for `flyball explain` and for whoever wonders. Nothing of it is on the way of a request.
import { NO_LIMIT } from "./book/endpoint-limits.ts";
import { isBeforeInOrder } from "./order/offer-in-order.ts";
import { slotOf, tenantAt } from "./order/request-queue.ts";
import { readRoom, slotFits, slotFitsAny } from "./place/room.ts";
import type { ScheduledRequest } from "./scheduled-request.ts";
import type { SchedulerState } from "./scheduler-state.ts";

/**
 * What a request that waits would need that no endpoint has; "warm": room at the endpoint that knows its prompt, for a while; "turn": there is
 * room, but others come first.
 */
export type WaitsFor = "slot" | "prefill" | "memory" | "warm" | "turn";

/** Where a request is. */
export type Standing =
  | { readonly kind: "unknown" }
  | {
      readonly kind: "waiting";
      readonly waitedMs: number;
      /** How many come before it as things are; deadlines, debts and turns of the oldest change that. */
      readonly ahead: number;
      readonly classIndex: number;
      readonly tenant: string;
      /** Service that its tenant has had beyond the one that has had least, in charged tokens ÷ weight. */
      readonly tenantLead: number;
      /** What orders it within its tenant. */
      readonly key: number;
      readonly isOldestOfTenant: boolean;
      readonly waitsFor: WaitsFor;
      /** How often another one was granted before it although it was first. */
      readonly skips: number;
      /** The endpoint that is kept free for it; −1: none. */
      readonly claimed: number;
    }
  | {
      readonly kind: "granted";
      readonly endpoint: number;
      readonly waitedMs: number;
      readonly cachedTokens: number;
      readonly hasToken: boolean;
    };

/** Explains one request. O(requests that wait). */
export function explainRequest(state: SchedulerState, request: ScheduledRequest, now: number): Standing {
  const { queue, granted, claim } = state;
  const held = granted.get(request.id);
  if (held) {
    const { reservation, grantedAt, cachedTokens, hasToken } = held;
    return {
      kind: "granted",
      endpoint: reservation.endpoint,
      waitedMs: grantedAt - request.arrivedAt,
      cachedTokens,
      hasToken,
    };
  }
  const slot = slotOf(queue, request);
  if (slot < 0) return { kind: "unknown" };
  const { table } = queue;
  const tenant = tenantAt(queue, slot);
  let ahead = 0;
  let leastCounter = tenant.counter;
  for (let other = 0; other < table.used; other += 1) {
    if (other === slot || table.requests[other] === undefined) continue;
    if (isBeforeInOrder(queue, other, slot)) ahead += 1;
    const { classIndex, counter } = tenantAt(queue, other);
    if (classIndex === tenant.classIndex) leastCounter = Math.min(leastCounter, counter);
  }
  return {
    kind: "waiting",
    waitedMs: now - request.arrivedAt,
    ahead,
    classIndex: tenant.classIndex,
    tenant: tenant.tenant,
    tenantLead: tenant.counter - leastCounter,
    key: table.key[slot] as number,
    isOldestOfTenant: tenant.oldest === slot,
    waitsFor: missingFor(state, slot),
    skips: table.skips[slot] as number,
    claimed: claim.slot === slot ? claim.endpoint : -1,
  };
}

function missingFor({ book, queue, placer }: SchedulerState, slot: number): WaitsFor {
  const { room } = placer;
  readRoom(room, book, -1);
  if (room.open === 0) return "slot";
  if ((queue.table.waitsUntil[slot] as number) > 0) return "warm";
  if (slotFitsAny(room, queue.table, slot)) return "turn";
  for (let index = 0; index < room.open; index += 1) {
    const endpoint = room.endpoints[index] as number;
    room.prefillTokens[endpoint] = NO_LIMIT;
    if (slotFits(room, queue.table, slot, endpoint)) return "prefill";
  }
  return "memory";
}
