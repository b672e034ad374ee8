import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clearProbesOf, createProbeBuffer, wrapProbeTable } from "./probe-table.ts";

const SLOT = { index: 7, generation: 3 };

/** The table of two threads whose clocks began at other moments; `now` is the time that they share. */
function createTables() {
  const shared = { now: 1_000_000 };
  const buffer = createProbeBuffer(shared.now);
  const offsets = [500, 90_000];
  const tables = offsets.map((offset, worker) =>
    wrapProbeTable(
      buffer,
      worker,
      () => shared.now - offset,
      () => shared.now,
    ),
  );
  /** A worker's own time, so long after the table was made. */
  const at = (worker: number, ms: number): number => 1_000_000 - (offsets[worker] as number) + ms;
  return { shared, buffer, tables: tables as [(typeof tables)[0], (typeof tables)[0]], at };
}

describe("the probe of an ejected endpoint", () => {
  it("is one over all workers, until it is lost", () => {
    const { tables, at } = createTables();
    expect(tables[0].begin(SLOT, at(0, 0), at(0, 60_000))).toBe(true);
    expect(tables[1].begin(SLOT, at(1, 59_000), at(1, 119_000))).toBe(false);
    expect(tables[1].read(SLOT)).toEqual({ kind: "probing", until: at(1, 60_000) });
    expect(tables[1].begin(SLOT, at(1, 60_000), at(1, 120_000))).toBe(true);
    expect(tables[0].begin(SLOT, at(0, 60_001), at(0, 120_001))).toBe(false);
  });

  it("goes no sooner than the pause that the last one brought, in every worker", () => {
    const { tables, at } = createTables();
    tables[0].begin(SLOT, at(0, 0), at(0, 60_000));
    tables[0].rest(SLOT, at(0, 1_600), 4);
    expect(tables[1].read(SLOT)).toEqual({ kind: "resting", until: at(1, 1_600), pauses: 4 });
    expect(tables[1].begin(SLOT, at(1, 1_590), at(1, 60_000))).toBe(false);
    expect(tables[1].begin(SLOT, at(1, 1_600), at(1, 60_000))).toBe(true);
  });

  it("is not ended by another worker that ejects the endpoint meanwhile, and the longest pause counts", () => {
    const { tables, at } = createTables();
    tables[0].begin(SLOT, at(0, 0), at(0, 60_000));
    tables[1].rest(SLOT, at(1, 1_600), 0);
    expect(tables[1].read(SLOT).kind).toBe("probing");
    tables[0].rest(SLOT, at(0, 3_200), 1);
    tables[1].rest(SLOT, at(1, 1_600), 0);
    expect(tables[1].read(SLOT)).toEqual({ kind: "resting", until: at(1, 3_200), pauses: 1 });
  });

  it("that came back well is known everywhere, never later than it was", () => {
    const { tables, at } = createTables();
    tables[0].begin(SLOT, at(0, 0), at(0, 60_000));
    tables[0].returned(SLOT, at(0, 1_615));
    expect(tables[1].read(SLOT)).toEqual({ kind: "returned", at: at(1, 1_600) });
  });

  it("may go again at once when it said nothing, and only its own worker can say so", () => {
    const { tables, at } = createTables();
    tables[0].begin(SLOT, at(0, 0), at(0, 60_000));
    tables[1].release(SLOT);
    expect(tables[1].begin(SLOT, at(1, 1), at(1, 60_000))).toBe(false);
    tables[0].release(SLOT);
    expect(tables[1].begin(SLOT, at(1, 1), at(1, 60_000))).toBe(true);
  });

  it("is given back when its worker dies", () => {
    const { tables, buffer, at } = createTables();
    tables[1].begin(SLOT, at(1, 0), at(1, 60_000));
    clearProbesOf(buffer, 0);
    expect(tables[0].begin(SLOT, at(0, 1), at(0, 60_000))).toBe(false);
    clearProbesOf(buffer, 1);
    expect(tables[0].begin(SLOT, at(0, 1), at(0, 60_000))).toBe(true);
  });

  it("of one endpoint says nothing of another, nor of the next one in its slot", () => {
    const { tables, at } = createTables();
    tables[0].rest(SLOT, at(0, 5_000), 9);
    expect(tables[1].read({ index: 8, generation: 3 })).toEqual({ kind: "none" });
    expect(tables[1].read({ index: 7, generation: 4 })).toEqual({ kind: "none" });
    expect(tables[1].begin({ index: 7, generation: 4 }, at(1, 0), at(1, 60_000))).toBe(true);
  });

  it("is held by at most one worker, whatever they do in whatever order", () => {
    const action = fc.record({
      worker: fc.constantFrom<0 | 1>(0, 1),
      what: fc.constantFrom("begin", "rest", "returned", "release", "die"),
      waitMs: fc.integer({ min: 0, max: 400 }),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const { tables, at, shared, buffer } = createTables();
        let ms = 0;
        let holder: { readonly worker: 0 | 1; readonly until: number } | undefined;
        for (const { worker, what, waitMs } of actions) {
          ms += waitMs;
          shared.now = 1_000_000 + ms;
          const isHolder = holder?.worker === worker;
          if (what === "begin") {
            if (!tables[worker].begin(SLOT, at(worker, ms), at(worker, ms + 1_000))) continue;
            // A tick is 16 ms.
            if (holder) expect(ms).toBeGreaterThanOrEqual(holder.until - 16);
            holder = { worker, until: ms + 1_000 };
          } else if (what === "die") {
            clearProbesOf(buffer, worker);
            if (isHolder) holder = undefined;
          } else if (what === "returned") {
            tables[worker].returned(SLOT, at(worker, ms));
            holder = undefined;
          } else {
            if (what === "rest") tables[worker].rest(SLOT, at(worker, ms + 50), 1);
            else tables[worker].release(SLOT);
            if (isHolder) holder = undefined;
          }
        }
      }),
    );
  });
});
