import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addToHeap,
  createHeapPlaces,
  createSlotHeap,
  growHeapPlaces,
  heapAt,
  heapTop,
  moveInHeap,
  removeFromHeap,
  showInOrder,
} from "./slot-heap.ts";

const operations = fc.array(
  fc.record({
    slot: fc.integer({ min: 0, max: 40 }),
    kind: fc.constantFrom("add", "remove", "move"),
    key: fc.integer({ min: 0, max: 20 }),
  }),
);

describe("a slot heap", () => {
  it("has the least at its top after any additions, removals and moves", () => {
    fc.assert(
      fc.property(operations, (steps) => {
        const keys = new Map<number, number>();
        const places = createHeapPlaces(1);
        growHeapPlaces(places, 40);
        const heap = createSlotHeap(places, (one, other) => (keys.get(one) ?? 0) < (keys.get(other) ?? 0));
        const inside = new Set<number>();
        for (const { slot, kind, key } of steps) {
          if (kind === "add" && !inside.has(slot)) {
            keys.set(slot, key);
            addToHeap(heap, slot);
            inside.add(slot);
          } else if (kind === "move" && inside.has(slot)) {
            keys.set(slot, key);
            moveInHeap(heap, slot);
          } else if (kind === "remove") {
            expect(removeFromHeap(heap, slot)).toBe(inside.delete(slot));
          }
          const least = Math.min(...[...inside].map((each) => keys.get(each) as number));
          if (inside.size === 0) expect(heapTop(heap)).toBe(-1);
          else expect(keys.get(heapTop(heap))).toBe(least);
          expect(heap.slots.toSorted((a, b) => a - b)).toEqual([...inside].toSorted((a, b) => a - b));
          expect(heapAt(heap, inside.size)).toBe(-1);
          const shown: number[] = [];
          showInOrder(heap, 10, (each) => shown.push(keys.get(each) as number) < 0);
          const sorted = [...inside].map((each) => keys.get(each) as number).toSorted((a, b) => a - b);
          expect(shown).toEqual(sorted.slice(0, 10));
        }
      }),
    );
  });

  it("shares its places with another heap that has other slots", () => {
    const places = createHeapPlaces(8);
    const [one, other] = [createSlotHeap(places, (a, b) => a < b), createSlotHeap(places, (a, b) => a > b)];
    for (const slot of [5, 1, 3]) addToHeap(one, slot);
    for (const slot of [2, 6, 4]) addToHeap(other, slot);
    expect([heapTop(one), heapTop(other)]).toEqual([1, 6]);
    expect(removeFromHeap(one, 6)).toBe(false);
    expect(removeFromHeap(other, 6)).toBe(true);
    expect([heapTop(one), heapTop(other)]).toEqual([1, 4]);
  });
});
