// Other knobs while requests wait. Nobody leaves the queue, everybody keeps his place by arrival, and what tenants and classes have had stays in
// their accounts: only what comes next is decided by the new knobs.
import { DEFAULT_AFFINITY, type AffinityOptions } from "../affinity/affinity-filter.ts";
import type { PrefixIndex } from "../affinity/prefix-index.ts";
import type { Balancer } from "../balance/balancer.ts";
import { knownOf } from "./known-prompt.ts";
import { changeOrder } from "./order/change-order.ts";
import type { OrderChange } from "./order/order-options.ts";
import { forgetBarren } from "./place/barren-ground.ts";
import { addNeed, removeNeed } from "./place/need-index.ts";
import type { ScheduledRequest } from "./scheduled-request.ts";
import type { SchedulerState } from "./scheduler-state.ts";
import { endAllWarmWaits } from "./warm-wait.ts";

/** All that can be changed. */
export interface ScheduleChange {
  readonly order: OrderChange;
  readonly balancer: Balancer;
  /** undefined: no prompt is known anywhere. */
  readonly prefixes: PrefixIndex | undefined;
  /** Default: as where none is given when a scheduler is made. */
  readonly affinity?: AffinityOptions;
}

/** Changes it. O(requests that wait and tenants that are known). */
export function changeSchedule(state: SchedulerState, next: ScheduleChange): void {
  const { queue, placer, search } = state;
  placer.balancer = next.balancer;
  placer.prefixes = next.prefixes;
  placer.affinity = next.affinity ?? DEFAULT_AFFINITY;
  endAllWarmWaits(state);
  const work = new Map<number, number>();
  const { table, needs } = queue;
  for (let slot = 0; slot < table.used; slot += 1) {
    const request: ScheduledRequest | undefined = table.requests[slot];
    if (request === undefined) continue;
    const known = knownOf(state, request);
    removeNeed(needs, table, slot);
    table.warmEndpoint[slot] = known.warmEndpoint;
    table.warmTokens[slot] = known.warmTokens;
    addNeed(needs, table, slot);
    work.set(slot, known.workMs);
  }
  changeOrder(queue, next.order, (slot) => work.get(slot) as number);
  forgetBarren(search.ground);
}
