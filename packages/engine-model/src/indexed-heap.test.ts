// The heap against a sorted list, whatever is added and taken out, from the middle too.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createIndexedHeap } from "./indexed-heap.ts";

interface Member {
  readonly key: number;
  readonly order: number;
  heapIndex: number;
}

const isBefore = (a: Member, b: Member): boolean => a.key < b.key || (a.key === b.key && a.order < b.order);

describe("createIndexedHeap", () => {
  it("always has the least member at hand and knows where each one is", () => {
    // Mostly additions: only in a heap of several levels does a member that fills a gap have to rise.
    const move = fc.oneof(
      { weight: 2, arbitrary: fc.record({ add: fc.nat(30) }) },
      { weight: 1, arbitrary: fc.record({ remove: fc.nat(60) }) },
    );
    const moves = fc.array(move, { size: "max", maxLength: 150 });
    fc.assert(
      fc.property(moves, (list) => {
        const heap = createIndexedHeap<Member>(isBefore);
        const members: Member[] = [];
        for (const [order, next] of list.entries()) {
          if ("add" in next) {
            const member = { key: next.add, order, heapIndex: -1 };
            heap.add(member);
            members.push(member);
          } else if (members.length > 0) {
            const [member] = members.splice(next.remove % members.length, 1);
            heap.remove(member as Member);
            expect(member?.heapIndex).toBe(-1);
          }
          expect(heap.size).toBe(members.length);
          expect(heap.first()).toBe(members.toSorted((a, b) => a.key - b.key || a.order - b.order)[0]);
          expect(new Set(members.map(({ heapIndex }) => heapIndex)).size).toBe(members.length);
        }
      }),
    );
  });

  it("gives its members in order", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { size: "max", maxLength: 60 }), (keys) => {
        const heap = createIndexedHeap<Member>(isBefore);
        for (const [order, key] of keys.entries()) heap.add({ key, order, heapIndex: -1 });
        const taken: number[] = [];
        for (let member = heap.first(); member !== undefined; member = heap.first()) {
          taken.push(member.key);
          heap.remove(member);
        }
        expect(taken).toEqual(keys.toSorted((a, b) => a - b));
      }),
    );
  });
});
