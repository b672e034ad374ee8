// Each rule of placement at the point where it turns.
import { describe, expect, it } from "vitest";
import { createSeededRandom } from "../../random/seeded-random.ts";
import type { TraceRequest } from "../../trace/trace-request.ts";
import { createFlightBook, type FlightBook } from "../flight-book.ts";
import type { CreatePlacer, Placer } from "../placer.ts";
import type { EngineMetrics, World } from "../policy.ts";
import { createBlockCost } from "./block-cost.ts";
import { createCacheAware } from "./cache-aware.ts";
import { createFirstLeastBusy } from "./first-least-busy.ts";
import { createLeastRequest, createWeightedLeastRequest } from "./least-request.ts";
import { createLowestLatency } from "./lowest-latency.ts";
import { createPredictedLatency } from "./predicted-latency.ts";
import { createRoundRobin } from "./round-robin.ts";
import { createScrapedBlend } from "./scraped-blend.ts";
import { createTokenAware } from "./token-aware.ts";
import { createTwoChoices } from "./two-choices.ts";

let nextId = 0;
function request(inputTokens: number, blocks: readonly number[] = []): TraceRequest {
  nextId += 1;
  const nobody = { client: "", tenant: "", model: "", route: "", classIndex: 0, maxOutputTokens: undefined };
  return { ...nobody, id: nextId, arrivedAt: 0, inputTokens, outputTokens: 1, blocks };
}

interface Rig {
  readonly placer: Placer;
  readonly book: FlightBook;
  send(replica: number, of: TraceRequest): void;
  choose(of: TraceRequest): number;
}

function rig(
  create: CreatePlacer,
  metrics: readonly Partial<EngineMetrics>[] = [{}, {}, {}],
  weights = [1, 1, 1],
): Rig {
  const none = { running: 0, waiting: 0, kvTokens: 0, preemptions: 0 };
  const world: World = {
    replicas: metrics.map((_each, index) => ({
      maxConcurrency: 100,
      maxTokensPerStep: 2_048,
      kvCapacityTokens: 100_000,
      handWeight: weights[index] as number,
    })),
    tpotObjectiveMs: 100,
    blockTokens: 100,
    random: createSeededRandom(1),
    history: [],
    metrics: (replica) => ({ ...none, ...metrics[replica] }),
    isStepping: () => false,
    delivered: () => 0,
  };
  const book = createFlightBook(world.replicas);
  const placer = create(world, book);
  placer.tick(0);
  return {
    placer,
    book,
    choose: (of) => placer.choose(of, () => true, 0),
    send(replica, of) {
      const uncachedTokens = of.inputTokens - placer.cachedTokens(of, replica);
      placer.sent(of, replica, 0);
      book.sent(of, { replica, uncachedTokens, sentAt: 0 });
    },
  };
}

describe("round robin", () => {
  it("takes each in turn and passes over one that cannot", () => {
    const { placer, choose } = rig(createRoundRobin);
    expect([choose(request(1)), choose(request(1)), choose(request(1)), choose(request(1))]).toEqual([0, 1, 2, 0]);
    expect(placer.choose(request(1), (replica) => replica !== 1, 0)).toBe(2);
    expect(placer.choose(request(1), () => false, 0)).toBe(-1);
  });
});

describe("counts of requests", () => {
  it("goes where fewest are in flight, the first of equals in LiteLLM", () => {
    const least = rig(createLeastRequest);
    least.send(0, request(1));
    least.send(1, request(1));
    expect(least.choose(request(1))).toBe(2);
    const busy = rig(createFirstLeastBusy);
    busy.send(0, request(1));
    expect([busy.choose(request(1)), busy.choose(request(1))]).toEqual([1, 1]);
  });

  it("looks at weights only where they are set by hand", () => {
    const weighted = rig(createWeightedLeastRequest, undefined, [4, 1, 1]);
    weighted.send(0, request(1));
    expect(weighted.choose(request(1))).toBe(0);
  });

  it("never takes the fuller of the two that it draws", () => {
    const { send, choose } = rig(createTwoChoices);
    send(0, request(1));
    const chosen = Array.from({ length: 200 }, () => choose(request(1)));
    expect(chosen.includes(0)).toBe(false);
    expect(new Set(chosen).size).toBe(2);
  });
});

describe("latency-based", () => {
  it("tries one that is unknown, then takes the one whose last ten were soonest", () => {
    const { placer, choose } = rig(createLowestLatency);
    placer.firstToken(request(1), 0, 50, 0);
    placer.firstToken(request(1), 1, 30, 0);
    expect(choose(request(1))).toBe(2);
    placer.firstToken(request(1), 2, 90, 0);
    expect(choose(request(1))).toBe(1);
    for (let answer = 0; answer < 10; answer += 1) placer.firstToken(request(1), 1, 70, 0);
    expect(choose(request(1))).toBe(0);
  });
});

describe("scraped blend", () => {
  it("does not see what came after the scrape", () => {
    const full = { waiting: 5, kvTokens: 50_000 };
    const { send, choose } = rig(createScrapedBlend(200), [full, {}, full]);
    const warm = request(1_000, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (let sent = 0; sent < 20; sent += 1) send(1, request(1_000));
    // Twenty requests stand there now; the engines' metrics of before say that it is idle.
    expect(choose(warm)).toBe(1);
  });

  it("follows the prefix while queues are even, and the least recently used cold one without a prefix", () => {
    const { send, choose } = rig(createScrapedBlend(200));
    const warm = request(1_000, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    send(2, warm);
    expect(choose({ ...warm, id: 0 })).toBe(2);
    expect([0, 1]).toContain(choose(request(500)));
  });
});

describe("token-aware", () => {
  const warm = request(1_000, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

  it("stays with the one that has the prompt until its reading takes 18 s longer", () => {
    const { send, choose } = rig(createTokenAware(1_000));
    send(1, warm);
    send(1, request(17_000));
    expect(choose({ ...warm, id: 0 })).toBe(1);
    send(1, request(1_000));
    expect(choose({ ...warm, id: 0 })).not.toBe(1);
  });

  it("takes the fewest prompt tokens in flight where nobody has it", () => {
    const { send, choose } = rig(createTokenAware(1_000));
    send(0, request(50));
    send(1, request(40));
    send(2, request(60));
    expect(choose(request(10))).toBe(1);
  });
});

describe("cache_aware", () => {
  it("follows a match of more than 0.3, else fills the smallest tree", () => {
    const { send, choose } = rig(createCacheAware);
    const warm = request(1_000, [1, 2, 3, 4]);
    send(0, warm);
    send(1, request(100, [20]));
    expect(choose({ ...warm, id: 0 })).toBe(0);
    expect(choose(request(1_000, [1, 2, 30]))).toBe(2);
  });

  it("lets go of the cache when the counts are more than 64 and half as many apart", () => {
    const { send, choose } = rig(createCacheAware);
    const warm = request(1_000, [1, 2, 3, 4]);
    for (let sent = 0; sent < 64; sent += 1) send(0, warm);
    expect(choose({ ...warm, id: 0 })).toBe(0);
    send(0, { ...warm, id: 0 });
    expect(choose(warm)).not.toBe(0);
  });
});

describe("block cost", () => {
  it("weighs what is yet to be read, less what is cached, and what is held", () => {
    const { send, choose } = rig(createBlockCost);
    const warm = request(1_600, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    send(0, warm);
    // At 0: nothing uncached more, 1,600 in flight and 1,600 held; elsewhere 1,600 to read, nothing held.
    send(1, request(5_000));
    expect(choose({ ...warm, id: 0 })).toBe(2);
    send(2, request(2_000));
    expect(choose({ ...warm, id: 0 })).toBe(0);
  });
});

describe("predicted latency", () => {
  it("learns that a replica with many prompts in flight answers late", () => {
    const { placer, book, choose, send } = rig(createPredictedLatency);
    const random = createSeededRandom(2);
    const open: { readonly of: TraceRequest; readonly replica: number }[] = [];
    for (let sample = 0; sample < 300; sample += 1) {
      const replica = Math.floor(random() * 3);
      const of = request(100 + Math.floor(random() * 3_000));
      const ahead = book.prefillTokens(replica);
      send(replica, of);
      placer.firstToken(of, replica, 20 + 0.1 * (ahead + of.inputTokens), 0);
      open.push({ of, replica });
      const over = open.length > 5 ? open.shift() : undefined;
      if (over === undefined) continue;
      placer.end(over.of, over.replica, 10, 500);
      book.end(over.of);
    }
    for (const { of } of open) book.end(of);
    send(0, request(4_000));
    send(2, request(4_000));
    const chosen = Array.from({ length: 50 }, () => choose(request(500)));
    expect(chosen.filter((replica) => replica === 1).length).toBeGreaterThan(40);
  });
});
