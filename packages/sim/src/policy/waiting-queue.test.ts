import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SimRequest } from "../trace/trace-request.ts";
import type { OrderRule, Waiting } from "./order-rule.ts";
import { createWaitingQueue } from "./waiting-queue.ts";

const waiting = (id: number, key: number): Waiting => ({
  request: { id, arrivedAt: id } as SimRequest,
  since: 0,
  estimate: { p50: 1, mean: 1, shareBeyond: () => 0 },
  need: new Float64Array(0),
  uncachedTokens: 1,
  key,
});

describe.each([false, true])("waiting queue, keys that change: %s", (isDynamic) => {
  it("is in order of its keys, and equal keys in order of arrival", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 60 }), (keys) => {
        const rule: OrderRule = { isDynamic, keyOf: ({ request }) => keys[request.id] as number };
        const queue = createWaitingQueue(rule);
        for (const [id, key] of keys.entries()) queue.add(waiting(id, key));
        queue.sort(0);
        const order = Array.from({ length: queue.size }, (_, place) => queue.at(place).request.id);
        const expected = [...keys.keys()].toSorted((a, b) => (keys[a] as number) - (keys[b] as number) || a - b);
        expect(order).toEqual(expected);
        expect(queue.at(queue.oldest()).request.id).toBe(0);
        queue.remove(queue.oldest());
        expect(queue.size).toBe(keys.length - 1);
      }),
    );
  });
});
