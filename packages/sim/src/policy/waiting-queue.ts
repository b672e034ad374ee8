// Those who wait, in the order of a rule. Keys that never change are kept sorted; keys that change with time are computed anew when somebody may go.
import type { OrderRule, Waiting } from "./order-rule.ts";

/** A queue; bounded by the requests of a run. */
export interface WaitingQueue {
  readonly size: number;
  add(waiting: Waiting): void;
  /** Brings the queue into the order of this moment. */
  sort(now: number): void;
  /** The one at this place in the order. */
  at(place: number): Waiting;
  remove(place: number): void;
  /** Place of the one that arrived first. */
  oldest(): number;
}

/** An empty queue. */
export function createWaitingQueue(rule: OrderRule): WaitingQueue {
  const queue: Waiting[] = [];
  return {
    get size() {
      return queue.length;
    },
    add(waiting) {
      queue.splice(rule.isDynamic ? queue.length : placeOf(queue, waiting.key), 0, waiting);
    },
    sort(now) {
      if (!rule.isDynamic) return;
      for (const waiting of queue) waiting.key = rule.keyOf(waiting, now);
      queue.sort((a, b) => a.key - b.key);
    },
    at: (place) => queue[place] as Waiting,
    remove(place) {
      queue.splice(place, 1);
    },
    oldest() {
      let oldest = 0;
      for (let place = 1; place < queue.length; place += 1) {
        const { arrivedAt } = (queue[place] as Waiting).request;
        if (arrivedAt < (queue[oldest] as Waiting).request.arrivedAt) oldest = place;
      }
      return oldest;
    },
  };
}

/** Behind all with the same key or a lower one. */
function placeOf(queue: readonly Waiting[], key: number): number {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((queue[middle] as Waiting).key <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}
