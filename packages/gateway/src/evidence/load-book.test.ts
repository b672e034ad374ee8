import { beforeEach, describe, expect, it } from "vitest";
import type { EndpointSnapshot, Snapshot } from "@flyball/core";
import { inFlightTableBytes, wrapInFlightTable, type InFlightTable, type Slot } from "../shared/in-flight-table.ts";
import { createEndpointLimits } from "../schedule/endpoint-limits.ts";
import { createEndpointShares } from "../schedule/endpoint-shares.ts";
import { createScheduleBuffers, wrapScheduleMemory } from "../schedule/schedule-memory.ts";
import * as served from "../testdata/snapshots.ts";
import { createLoadBook, type LoadBook } from "./load-book.ts";
import { createPoolSums } from "./pool-evidence.ts";

let table: InFlightTable;
let slots: Map<string, Slot>;
let book: LoadBook;

beforeEach(() => {
  table = wrapInFlightTable(new SharedArrayBuffer(inFlightTableBytes(2)));
  slots = new Map(["a", "b", "c"].map((id, index) => [id, table.renew(index)]));
  book = createLoadBook({ inFlight: table, slotOf: (id) => slots.get(id) }, 7);
});

function endpoint(id: string, change: Partial<EndpointSnapshot> = {}): EndpointSnapshot {
  return { id, address: { host: "127.0.0.1", port: 1 }, weight: 1, capacity: 4, state: "serving", ...change };
}

function snapshot(...endpoints: EndpointSnapshot[]): Snapshot {
  return { pools: [{ id: "web", endpoints }] } as unknown as Snapshot;
}

function begin(id: string, count = 1): void {
  for (let one = 0; one < count; one += 1) table.acquire(0, slots.get(id) as Slot);
}

function end(id: string): void {
  table.release(0, slots.get(id) as Slot);
}

const sums = (ended: number, refused = 0) => [{ ...createPoolSums("web"), ended, refused }];

describe("the load of a pool", () => {
  it("is the mean of what is in flight at serving endpoints, with their weights", () => {
    const pool = snapshot(endpoint("a"), endpoint("b", { weight: 2 }), endpoint("c", { state: "draining" }));
    begin("a", 2);
    begin("b", 3);
    begin("c", 9);
    book.look(pool);
    begin("a", 2);
    book.look(pool);
    expect(book.take(pool, 1_000)).toMatchObject([
      { kind: "pool-load", pool: "web", gateway: 7, to: 1_000, inFlight: 6, load: 9, capacity: 12, serving: 2 },
    ]);
    expect(book.weightedAverageLoads().get("web")).toBeCloseTo(9 / 12);
  });

  it("counts what waits in every worker, until the worker says otherwise or is gone", () => {
    const pool = snapshot(endpoint("a"));
    book.add(0, [], [{ pool: "web", queued: 3, waiting: 3, waitMs: 40 }]);
    book.add(1, [], [{ pool: "web", queued: 5, waiting: 5, waitMs: 90 }]);
    book.look(pool);
    expect(book.take(pool, 1_000)).toMatchObject([{ queued: 8, backlog: 8, backlogMs: 90 }]);
    book.add(1, [], []);
    book.look(pool);
    expect(book.take(pool, 2_000)).toMatchObject([{ queued: 3, backlog: 3, backlogMs: 40 }]);
    book.forgetWorker(0);
    book.look(pool);
    expect(book.take(pool, 3_000)).toMatchObject([{ queued: 0, backlog: 0 }]);
    expect(book.weightedAverageLoads().get("web")).toBe(0);
  });

  it("knows how many came from those that ended and those that are still there", () => {
    const pool = snapshot(endpoint("a"));
    begin("a", 2);
    book.look(pool);
    book.take(pool, 1_000);
    begin("a", 5);
    end("a");
    book.add(0, sums(1), [{ pool: "web", queued: 2, waiting: 2, waitMs: 1 }]);
    book.add(1, sums(3, 3), []);
    book.look(pool);
    // Five were sent, two wait, three were turned away.
    expect(book.take(pool, 2_000)).toMatchObject([{ arrived: 10, refused: 3, from: 1_000, to: 2_000 }]);
    book.look(pool);
    expect(book.take(pool, 3_000)).toMatchObject([{ arrived: 0, refused: 0 }]);
  });

  it("says nothing of a pool at which nobody has looked, and forgets one that is gone", () => {
    expect(book.take(snapshot(endpoint("a")), 0)).toEqual([]);
    book.look(snapshot(endpoint("a")));
    book.take(snapshot(endpoint("a")), 1);
    book.take({ pools: [] } as unknown as Snapshot, 2);
    expect(book.weightedAverageLoads().size).toBe(0);
  });
});

describe("the load of a pool that serves a model", () => {
  /** A book of a gateway that has learned what its endpoints bear. */
  function learnedBook(caps: Readonly<Record<string, { readonly activeCap: number; readonly tokenMs: number }>>): {
    readonly pool: Snapshot;
    readonly loads: LoadBook;
  } {
    const memory = wrapScheduleMemory(createScheduleBuffers(2));
    const shares = createEndpointShares(() => 0);
    shares.meet(1, () => new Map());
    const limits = createEndpointLimits(memory, shares, () => 0);
    const ids = Object.keys(caps);
    const pool = served.snapshot(1, {
      pools: [
        served.pool(
          "llm",
          ids.map((id) => served.endpoint(id, 4_000)),
        ),
      ],
      models: [served.model("chat", ["llm"])],
    });
    limits.apply(pool, Object.fromEntries(slots));
    for (const [id, { activeCap, tokenMs }] of Object.entries(caps)) {
      limits.learn(id, { activeCap, tokenMs });
    }
    const schedule = { memory, limits, shares };
    return { pool, loads: createLoadBook({ inFlight: table, slotOf: (id) => slots.get(id), schedule }, 7) };
  }

  it("is told in one unit: as many waiting as running on a full endpoint are twice its capacity", () => {
    const { pool, loads } = learnedBook({ a: { activeCap: 96, tokenMs: 0.3 } });
    begin("a", 96);
    loads.add(0, [], [{ pool: "llm", queued: 96, waiting: 96, waitMs: 1_000 }]);
    loads.look(pool);
    expect(loads.take(pool, 1_000)[0]).toMatchObject({
      inFlight: 96,
      load: 96,
      waiting: 96,
      backlog: 96,
      capacity: 96,
    });
    expect(loads.weightedAverageLoads().get("llm")).toBe(2);
  });

  it("weighs unlike machines by what was learned of them", () => {
    const { pool, loads } = learnedBook({ a: { activeCap: 64, tokenMs: 0.1 }, b: { activeCap: 64, tokenMs: 0.3 } });
    begin("a", 64);
    loads.look(pool);
    loads.take(pool, 1_000);
    expect(loads.weightedAverageLoads().get("llm")).toBeCloseTo(0.75);
    end("a");
  });
});
