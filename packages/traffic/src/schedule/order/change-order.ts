// Another order for those who wait already. What classes and tenants have had so far counts as it was counted then.
import type { ScheduledRequest } from "../scheduled-request.ts";
import { orderKey } from "./order-key.ts";
import type { OrderChange } from "./order-options.ts";
import type { QueueTable } from "./queue-table.ts";
import { oldestShareOf, type RequestQueue } from "./request-queue.ts";
import { addToHeap, type SlotHeap } from "./slot-heap.ts";

/** Changes it. `workOf` tells the work that is left of the request in a slot, ms. O(n log n) in those who wait. */
export function changeOrder(queue: RequestQueue, next: OrderChange, workOf: (slot: number) => number): void {
  const { table, classes, registry } = queue;
  const { classWeights, withinTenant, tenantWeight } = next;
  queue.withinTenant = withinTenant;
  queue.oldestShare = oldestShareOf(withinTenant);
  registry.weightOf = tenantWeight;
  for (const names of registry.byName) {
    for (const tenant of names.values()) {
      tenant.weight = tenantWeight(tenant.tenant);
      if (queue.oldestShare === 0) tenant.oldestCredit = 0;
      const keyOf = (slot: number): number =>
        orderKey(withinTenant, (table.requests[slot] as ScheduledRequest).arrivedAt, workOf(slot));
      orderAnew(table, tenant.byKey, keyOf);
    }
  }
  for (const group of classes) {
    group.weight = classWeights[group.index] ?? group.weight;
    group.presentWeight = 0;
    for (const index of group.byCounter.slots) group.presentWeight += group.tenants[index]?.weight ?? 0;
  }
}

/** All keys before the first comparison. */
function orderAnew(table: QueueTable, heap: SlotHeap, keyOf: (slot: number) => number): void {
  const slots = heap.slots.splice(0);
  for (const slot of slots) table.key[slot] = keyOf(slot);
  for (const slot of slots) addToHeap(heap, slot);
}
