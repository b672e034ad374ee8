import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inFlightTableBytes, wrapInFlightTable } from "./in-flight-table.ts";
import { createSlotAssignment } from "./slot-assignment.ts";

const table = (workers: number) => wrapInFlightTable(new SharedArrayBuffer(inFlightTableBytes(workers)));

describe("the in-flight table", () => {
  it("adds up the workers, also through another view of the same memory", () => {
    const shared = table(2);
    const slot = shared.renew(7);
    shared.acquire(0, slot);
    wrapInFlightTable(shared.buffer).acquire(1, slot);
    expect(shared.total(slot)).toBe(2);
    shared.release(1, slot);
    expect(shared.total(slot)).toBe(1);
  });

  it("takes a dead worker's requests out of every total", () => {
    const shared = table(2);
    const slots = [shared.renew(0), shared.renew(1)];
    for (const slot of slots) {
      shared.acquire(0, slot);
      shared.acquire(1, slot);
    }
    shared.clearRow(1);
    expect(slots.map((slot) => shared.total(slot))).toEqual([1, 1]);
  });

  it("ignores old generations in every operation", () => {
    const shared = table(1);
    const old = shared.renew(3);
    shared.acquire(0, old);
    const fresh = shared.renew(3);
    shared.release(0, old);
    expect(shared.acquire(0, old)).toBe(false);
    expect([shared.total(old), shared.total(fresh)]).toEqual([0, 0]);
  });
});

describe("the slot assignment", () => {
  it("keeps the slots of known endpoints and gives a free one to a new one", () => {
    const slots = createSlotAssignment(table(1));
    const first = slots.assign(["a", "b"]);
    const second = slots.assign(["b", "c"]);
    expect(second?.["b"]).toEqual(first?.["b"]);
    expect(second?.["c"]?.index).not.toBe(first?.["a"]?.index);
  });

  it("never mixes two endpoints and leaks no slot, whatever the order of snapshots and requests", () => {
    const names = ["a", "b", "c", "d"];
    const step = fc.oneof(
      fc.subarray(names).map((endpoints) => ({ kind: "snapshot" as const, endpoints })),
      fc.record({ kind: fc.constantFrom("begin" as const, "end" as const), name: fc.constantFrom(...names) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const shared = table(1);
        const slots = createSlotAssignment(shared);
        const open = new Map<string, { index: number; generation: number }[]>();
        let serving = new Set<string>();
        for (const each of steps) {
          if (each.kind === "snapshot") {
            slots.assign(each.endpoints);
            slots.retain(each.endpoints);
            serving = new Set(each.endpoints);
          } else if (each.kind === "begin") {
            const slot = serving.has(each.name) ? slots.of(each.name) : undefined;
            if (!slot) continue;
            expect(shared.acquire(0, slot)).toBe(true);
            open.set(each.name, [...(open.get(each.name) ?? []), slot]);
          } else {
            const slot = open.get(each.name)?.pop();
            if (slot) shared.release(0, slot);
          }
          for (const name of serving) {
            const slot = slots.of(name);
            expect(slot && shared.total(slot)).toBe(open.get(name)?.length ?? 0);
          }
        }
      }),
    );
  });
});
