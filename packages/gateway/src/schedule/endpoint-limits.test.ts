import type { ScheduleSpec } from "@flyball/core";
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
let now: number;
const at = (column: number): EndpointLimits => memory.book.limits(column);

const SLOTS = {
  "llm/0": { index: 0, generation: 1 },
  "llm/1": { index: 1, generation: 1 },
  web: { index: 2, generation: 1 },
};

function serve(
  more: Parameters<typeof endpoint>[2] = {},
  ids: readonly string[] = ["llm/0", "llm/1"],
  schedule: ScheduleSpec = {},
): void {
  limits.apply(
    snapshot(1, {
      pools: [
        pool(
          "llm",
          ids.map((id) => endpoint(id, 4_000, more)),
          { schedule },
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
  now = 50_000;
  memory = wrapScheduleMemory(createScheduleBuffers(2));
  shares = createEndpointShares(() => now);
  shares.meet(1, () => new Map());
  limits = createEndpointLimits(memory, shares, () => now);
});

describe("what an endpoint bears", () => {
  it("is what was learned of it, what the latencies allow where nobody has named a number, and else not known", () => {
    serve();
    expect(limits.bearingOf("llm/0")).toEqual({ slots: undefined, tokenMs: undefined });
    limits.learn("llm/0", { expectedCap: 40 });
    expect(limits.bearingOf("llm/0")?.slots).toBe(40);
    limits.learn("llm/0", { activeCap: 96, tokenMs: 0.3 });
    expect(limits.bearingOf("llm/0")).toEqual({ slots: 96, tokenMs: 0.3 });
    memory.gates[gateCell(0, 2)] = 5;
    expect(limits.bearingOf("web")?.slots).toBeUndefined();
    memory.gates[gateCell(1, 2)] = 4;
    expect(limits.bearingOf("web")?.slots).toBe(9);
    expect(limits.bearingOf("other")).toBeUndefined();
  });

  it("is what the manifest says where it says it, and no word of this gateway's latencies where others send there too", () => {
    serve({ maxActive: 32, capacity: 32 });
    expect(limits.bearingOf("llm/0")?.slots).toBe(32);
    shares.meet(2, () => new Map());
    memory.gates[gateCell(0, 2)] = 5;
    memory.gates[gateCell(1, 2)] = 4;
    expect(limits.bearingOf("web")?.slots).toBeUndefined();
  });
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
    shares.take({ type: "leases", gateways: 4, ttlMs: 4_000, endpoints: [lease] }, now);
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

describe("the limits that a manifest names", () => {
  it("are so many chunks of prompts, and the share of the memory that may be reserved", () => {
    serve({}, undefined, { promptChunks: 1, kvUtilization: 0.5, kvTokens: 20_000 });
    expect(at(0)).toMatchObject({ prefillTokenCap: 2_048, kvTokenCap: 10_000 });
    serve({}, undefined, { kvTokens: 20_000 });
    expect(at(0)).toMatchObject({ prefillTokenCap: 8_192, kvTokenCap: 20_000 });
  });

  it("are no more of the memory than the engine tells that it has", () => {
    serve({}, undefined, { kvTokens: 20_000 });
    limits.learn("llm/0", { kvTokenCap: 8_000 });
    limits.learn("llm/1", { kvTokenCap: 80_000 });
    expect([at(0).kvTokenCap, at(1).kvTokenCap]).toEqual([8_000, 20_000]);
    serve();
    expect([at(0).kvTokenCap, at(1).kvTokenCap]).toEqual([8_000, 80_000]);
  });

  it("are nothing of prompts and memory for a service that serves no model", () => {
    const web = pool("web", [endpoint("web", 4_001)], { schedule: { kvTokens: 10, promptChunks: 1 } });
    limits.apply(snapshot(1, { pools: [web] }), SLOTS);
    expect(at(2)).toMatchObject({ prefillTokenCap: NO_LIMIT, kvTokenCap: NO_LIMIT, isServing: true });
  });
});

describe("the slow start of an endpoint", () => {
  const SLOWLY = { slowStartMs: 10_000 };

  it("raises the share of one that came from a tenth to all", () => {
    serve({}, ["llm/0"], SLOWLY);
    now += 5_000;
    serve({}, ["llm/0", "llm/1"], SLOWLY);
    expect([at(0).startShare, at(1).startShare]).toEqual([undefined, 0.1]);
    now += 5_000;
    limits.refresh();
    expect(at(1)).toMatchObject({ startShare: 0.5, weight: 1, activeCap: 2 * MAX_CONNECTIONS });
    now += 5_000;
    limits.refresh();
    expect(at(1).startShare).toBeUndefined();
  });

  it("is none for those that were there before the gateway, and for one that comes back from draining", () => {
    serve({}, undefined, SLOWLY);
    expect(at(0).startShare).toBeUndefined();
    now += 60_000;
    serve({ state: "draining" }, undefined, SLOWLY);
    serve({}, undefined, SLOWLY);
    expect(at(0)).toMatchObject({ isServing: true });
    expect(at(0).startShare).toBeUndefined();
  });

  it("goes by when it came, also where it is asked for later, and ends at once where it is no longer asked for", () => {
    serve({}, ["llm/0"]);
    serve();
    now += 2_000;
    serve({}, undefined, SLOWLY);
    expect([at(0).startShare, at(1).startShare]).toEqual([undefined, 0.2]);
    serve();
    expect(at(1).startShare).toBeUndefined();
  });
});
