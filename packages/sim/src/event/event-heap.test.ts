import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEventHeap } from "./event-heap.ts";

describe("createEventHeap", () => {
  it("gives events by time, those of one time in the order in which they came", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 300 }), (times) => {
        const heap = createEventHeap();
        for (const [index, at] of times.entries()) heap.push(at, index % 7, index);
        const order = [...times.keys()].toSorted((a, b) => (times[a] as number) - (times[b] as number) || a - b);
        for (const index of order) {
          expect(heap.nextAt).toBe(times[index]);
          expect(heap.pop()).toBe(true);
          expect([heap.kind, heap.index]).toEqual([index % 7, index]);
        }
        expect([heap.pop(), heap.size, heap.nextAt]).toEqual([false, 0, Number.POSITIVE_INFINITY]);
      }),
    );
  });

  it("keeps its order while events come and go", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(1_000), { nil: undefined }), { maxLength: 400 }), (steps) => {
        const heap = createEventHeap();
        let held: number[] = [];
        for (const at of steps) {
          if (at !== undefined) {
            heap.push(at, 0, 0);
            held = [...held, at].toSorted((a, b) => a - b);
          } else if (held.length > 0) {
            expect(heap.nextAt).toBe(held.shift());
            heap.pop();
          }
        }
        expect(heap.size).toBe(held.length);
      }),
    );
  });
});
