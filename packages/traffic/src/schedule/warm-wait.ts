// A request whose prompt one endpoint knows may do better to wait until that one has room than to have its prompt read anew elsewhere: it waits
// as long as that costs no more than it saves (delay scheduling). It is the one case in which somebody waits whom an endpoint could take;
// and it is for his own good, and for that of all, because a prompt that is not read anew takes no time from the others.
import type { RequestQueue } from "./order/request-queue.ts";
import { addToHeap, heapTop, removeFromHeap } from "./order/slot-heap.ts";
import { noteFresh } from "./place/barren-ground.ts";
import { uncachedTokensAt } from "./place/placer.ts";
import { slotFits } from "./place/room.ts";
import type { ScheduledRequest } from "./scheduled-request.ts";
import type { SchedulerState } from "./scheduler-state.ts";

/** Whether the request in this slot, which could start somewhere, rather waits for the endpoint that knows its prompt; asked once for each. */
export function waitsForWarm({ queue, placer, book }: SchedulerState, slot: number, now: number): boolean {
  const { table } = queue;
  const { room, affinity } = placer;
  const warm = table.warmEndpoint[slot] as number;
  if (warm < 0 || affinity.waitRatio === 0 || table.waitsUntil[slot] !== 0 || slotFits(room, table, slot, warm))
    return false;
  const limits = book.limits(warm);
  if (!limits.isServing) return false;
  const request = table.requests[slot] as ScheduledRequest;
  const known = request.inputTokens - uncachedTokensAt(placer, warm, request);
  let knownElsewhere = 0;
  for (let index = 0; index < room.open; index += 1) {
    const endpoint = room.endpoints[index] as number;
    if (!slotFits(room, table, slot, endpoint)) continue;
    knownElsewhere = Math.max(knownElsewhere, request.inputTokens - uncachedTokensAt(placer, endpoint, request));
  }
  if (knownElsewhere >= affinity.matchShare * known) return false;
  table.waitsUntil[slot] = now + affinity.waitRatio * (known - knownElsewhere) * limits.rates.prefillMs;
  addToHeap(queue.warmWaits, slot);
  return true;
}

/** Those who have waited long enough go wherever there is room. */
export function endWarmWaits({ queue, search }: SchedulerState, now: number): void {
  const { table, warmWaits } = queue;
  for (
    let slot = heapTop(warmWaits);
    slot >= 0 && (table.waitsUntil[slot] as number) <= now;
    slot = heapTop(warmWaits)
  ) {
    removeFromHeap(warmWaits, slot);
    table.waitsUntil[slot] = -1;
    noteFresh(search.ground, table, slot);
  }
}

/** All of them look anew for room: what they waited for may not be known any more. */
export function endAllWarmWaits({ queue }: SchedulerState): void {
  const { table, warmWaits } = queue;
  for (let slot = heapTop(warmWaits); slot >= 0; slot = heapTop(warmWaits)) {
    removeFromHeap(warmWaits, slot);
    table.waitsUntil[slot] = 0;
  }
}

/** When the next one of them has waited long enough; Infinity: nobody waits for that. */
export function nextWarmWaitAt({ table, warmWaits }: RequestQueue): number {
  const slot = heapTop(warmWaits);
  return slot < 0 ? Number.POSITIVE_INFINITY : (table.waitsUntil[slot] as number);
}
