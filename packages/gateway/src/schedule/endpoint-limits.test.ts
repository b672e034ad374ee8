import { NO_LIMIT, type EndpointLimits } from "@flyball/traffic";
import { beforeEach, describe, expect, it } from "vitest";
import { endpoint, model, pool, route, snapshot } from "../testdata/snapshots.ts";
import { MAX_CONNECTIONS } from "../upstream/max-connections.ts";
import { createEndpointLimits, type EndpointLimitsWriter } from "./endpoint-limits.ts";
import { createEndpointShares, type EndpointShares } from "./endpoint-shares.ts";
import { createScheduleBuffers, gateCell, wrapScheduleMemory, type ScheduleMemory } from "./schedule-memory.ts";

let memory: ScheduleMemory;
let limits: EndpointLimitsWriter;
let shares: EndpointShares;
const at = (column: number): EndpointLimits => memory.book.limits(column);

const SLOTS = {
  "llm/0": { index: 0, generation: 1 },
  "llm/1": { index: 1, generation: 1 },
  web: { index: 2, generation: 1 },
};

function serve(more: Parameters<typeof endpoint>[2] = {}, ids: readonly string[] = ["llm/0", "llm/1"]): void {
  limits.apply(
    snapshot(1, {
      pools: [
        pool(
          "llm",
          ids.map((id) => endpoint(id, 4_000, more)),
        ),
        pool("web", [endpoint("web", 4_001)]),
      ],
      models: [model("chat", ["llm"])],
      routes: [route("all", "web", { priority: "low" })],
    }),
    SLOTS,
  );
  limits.served();
}

beforeEach(() => {
  memory = wrapScheduleMemory(createScheduleBuffers(2));
  shares = createEndpointShares(() => 0);
  shares.meet(1, () => new Map());
  limits = createEndpointLimits(memory, shares);
});

describe("the limits of an endpoint", () => {
  it("are those of prompts for a model's own, and of requests alone for others", () => {
    serve();
    expect(at(0)).toMatchObject({ prefillTokenCap: 8_192, kvTokenCap: NO_LIMIT, isServing: true, weight: 1 });
    expect(at(2)).toMatchObject({ prefillTokenCap: NO_LIMIT, rates: { prefillMs: 0 }, isServing: true });
  });

  it("are the least of what is named, learned and allowed by the workers' latencies", () => {
    serve({ maxActive: 40 });
    expect(at(0).activeCap).toBe(40);
    limits.learn("llm/0", { activeCap: 30 });
    expect([at(0).activeCap, at(1).activeCap]).toEqual([30, 40]);
    memory.gates[gateCell(0, 0)] = 5;
    memory.gates[gateCell(1, 0)] = 7;
    limits.refresh();
    expect(at(0).activeCap).toBe(12);
    expect([limits.wholeOf("llm/0")?.slots, limits.wholeOf("web")?.slots]).toEqual([30, NO_LIMIT]);
    expect(limits.wholeOf("other")).toBeUndefined();
  });

  it("are as many as there may be connections while nothing is known", () => {
    serve();
    expect(at(0).activeCap).toBe(2 * MAX_CONNECTIONS);
  });

  it("are this gateway's part of what is shared with others", () => {
    serve({ maxActive: 40 });
    limits.learn("llm/0", { kvTokenCap: 10_000 });
    expect(at(0)).toMatchObject({ activeCap: 40, kvTokenCap: 10_000 });
    const lease = { endpoint: "llm/0", slots: 10, memoryTokens: 2_000, othersActive: 3 };
    shares.take({ type: "leases", gateways: 4, ttlMs: 4_000, endpoints: [lease] }, 0);
    limits.refresh();
    expect(at(0)).toMatchObject({ activeCap: 10, kvTokenCap: 2_000 });
    expect(at(1)).toMatchObject({ activeCap: 0 });
    expect(limits.wholes().map(({ endpoint, slots }) => [endpoint, slots])).toEqual([
      ["llm/0", 40],
      ["llm/1", 40],
      ["web", NO_LIMIT],
    ]);
  });

  it("end with the endpoint: it gets nothing new, and what was learned of it is forgotten", () => {
    serve();
    limits.learn("llm/1", { activeCap: 3 });
    serve({}, ["llm/0"]);
    expect([at(0).isServing, at(1).isServing]).toEqual([true, false]);
    serve();
    expect(at(1)).toMatchObject({ isServing: true, activeCap: 2 * MAX_CONNECTIONS });
    serve({ state: "draining" });
    expect(at(0).isServing).toBe(false);
  });

  it("stay while some worker may not know yet that the endpoint is drained or gone", () => {
    serve();
    const llm = pool("llm", [endpoint("llm/0", 4_000, { state: "draining" })]);
    limits.apply(snapshot(2, { pools: [llm], models: [model("chat", ["llm"])] }), SLOTS);
    limits.refresh();
    expect([at(0).isServing, at(1).isServing]).toEqual([true, true]);
    limits.served();
    expect([at(0).isServing, at(1).isServing]).toEqual([false, false]);
  });

  it("are written only when they change", () => {
    serve();
    const before = memory.book.changes(0);
    limits.refresh();
    serve();
    expect(memory.book.changes(0)).toBe(before);
  });
});
