import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createResponseStore, ENTRY_BYTES, type StoredAnswer } from "./response-store.ts";

const answer = (length: number, fill = 1): StoredAnswer => ({
  contentType: "application/json",
  bytes: Buffer.alloc(length, fill),
  isEvents: false,
});

/** The same rules without a thought for speed: a list, oldest use first. */
function createModel(maximumBytes: number, timeToLiveMs: number) {
  let list: { key: string; answer: StoredAnswer; keptAt: number }[] = [];
  let held = 0;
  const cost = ({ bytes }: StoredAnswer): number => bytes.length + ENTRY_BYTES;
  const bytes = (): number => list.reduce((sum, entry) => sum + cost(entry.answer), 0);
  const trim = (needed: number): void => {
    while (list.length > 0 && bytes() + held + needed > maximumBytes) list.shift();
  };
  return {
    find(key: string, now: number) {
      const entry = list.find((each) => each.key === key);
      if (!entry) return undefined;
      list = list.filter((each) => each !== entry);
      if (now - entry.keptAt >= timeToLiveMs) return undefined;
      list.push(entry);
      return entry.answer;
    },
    keep(key: string, kept: StoredAnswer, now: number) {
      list = list.filter((each) => each.key !== key);
      if (cost(kept) + held > maximumBytes) return false;
      trim(cost(kept));
      list.push({ key, answer: kept, keptAt: now });
      return true;
    },
    hold(more: number) {
      if (held + more > maximumBytes) return false;
      trim(more);
      held += more;
      return true;
    },
    release: (less: number) => void (held -= less),
    bytes,
  };
}

const key = fc.constantFrom("a", "b", "c", "d", "e");
const step = fc.oneof(
  fc.record({ kind: fc.constant("keep" as const), key, length: fc.nat(3_000), waitMs: fc.nat(400) }),
  fc.record({ kind: fc.constant("find" as const), key, length: fc.constant(0), waitMs: fc.nat(400) }),
  fc.record({ kind: fc.constant("hold" as const), key, length: fc.nat(2_500), waitMs: fc.constant(0) }),
  fc.record({ kind: fc.constant("release" as const), key, length: fc.constant(0), waitMs: fc.constant(0) }),
);

describe("createResponseStore", () => {
  it("keeps, forgets and bounds as a plain list of answers in the order of their use does", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const [maximumBytes, timeToLiveMs] = [8_000, 1_000];
        const store = createResponseStore({ maximumBytes, timeToLiveMs });
        const model = createModel(maximumBytes, timeToLiveMs);
        const holds: number[] = [];
        let now = 0;
        for (const { kind, key: name, length, waitMs } of steps) {
          now += waitMs;
          if (kind === "keep") {
            const kept = answer(length);
            expect(store.keep(name, kept, now)).toBe(model.keep(name, kept, now));
          } else if (kind === "find") {
            expect(store.find(name, now)?.answer).toBe(model.find(name, now));
          } else if (kind === "hold") {
            const isHeld = store.hold(length);
            expect(isHeld).toBe(model.hold(length));
            if (isHeld) holds.push(length);
          } else {
            const held = holds.pop() ?? 0;
            store.release(held);
            model.release(held);
          }
          expect(store.bytes).toBe(model.bytes());
          expect(store.bytes + store.heldBytes).toBeLessThanOrEqual(maximumBytes);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("tells how old an answer is, and no longer has it when its time is over", () => {
    const store = createResponseStore({ maximumBytes: 10_000, timeToLiveMs: 1_000 });
    store.keep("a", answer(10), 500);
    expect(store.find("a", 1_499)?.ageMs).toBe(999);
    expect(store.find("a", 1_500)).toBeUndefined();
    expect(store.size).toBe(0);
  });

  it("keeps nothing that is larger than itself, and loses what stood in its place", () => {
    const store = createResponseStore({ maximumBytes: 2_000, timeToLiveMs: 1_000 });
    store.keep("a", answer(10), 0);
    expect(store.keep("a", answer(2_000), 0)).toBe(false);
    expect(store.find("a", 0)).toBeUndefined();
  });
});
