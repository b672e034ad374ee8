import type { Snapshot } from "@flyball/core";
import { createFakeClock } from "@flyball/fakes";
import { DEFAULT_WORK_RATES, NO_LIMIT } from "@flyball/traffic";
import { describe, expect, it } from "vitest";
import { createBatch, ENGINE_PROFILES, type EngineProfile, type Sequence } from "../../../engine-model/src/index.ts";
import { createEndpointLearning, type LearnedLimits, type SavedEndpoint } from "./endpoint-learning.ts";

/** One pool of engines under a model, and one that serves none. */
function snapshotOf(ids: readonly string[], maxActive?: number): Snapshot {
  const endpoint = (id: string) => ({
    id,
    address: { host: "127.0.0.1", port: 4001 },
    weight: 1,
    capacity: 16,
    state: "serving",
    ...(maxActive === undefined ? {} : { maxActive }),
  });
  return {
    models: [{ name: "chat", backends: [{ kind: "pool", id: "chat/0", pool: "llm", model: "m", traits: "vllm" }] }],
    pools: [
      { id: "llm", endpoints: ids.map(endpoint) },
      { id: "web", endpoints: [endpoint("web/0@1")] },
    ],
  } as unknown as Snapshot;
}

function scene(saved: readonly SavedEndpoint[] = [], others = 0) {
  const clock = createFakeClock();
  const told: [string, LearnedLimits][] = [];
  const learning = createEndpointLearning({
    clock,
    saved,
    othersActive: () => others,
    onLearned: (...limits) => void told.push(limits),
  });
  const facts = (running: number, waiting = 0, kvCapacityTokens?: number) => ({
    running,
    waiting,
    preemptions: 0,
    kvCapacityTokens,
    kvUsedShare: undefined,
    progress: undefined,
  });
  const firstToken = (ttftMs: number, uncachedTokens: number) =>
    learning.add({ gaps: [], firstTokens: [{ endpoint: "llm/0@1", ttftMs, uncachedTokens, running: 5, active: 5 }] });
  /** Prompts are read at 0.3 ms a token. */
  const learnPrompts = (): void => {
    for (let each = 0; each < 400; each += 1) firstToken(50 + (each % 20) * 30, 100 * (each % 20));
  };
  return { clock, learning, told, facts, firstToken, learnPrompts };
}

describe("what is learned of endpoints", () => {
  it("is told once it is known, and again only when it has moved", () => {
    const { learning, told, learnPrompts } = scene();
    learning.follow(snapshotOf(["llm/0@1"]));
    learning.tell();
    expect(told).toEqual([]);
    learnPrompts();
    learning.tell();
    expect(told.map(([endpoint]) => endpoint)).toEqual(["llm/0@1"]);
    expect(told[0]?.[1].rates.prefillMs).toBeGreaterThan(0.2);
    expect(told[0]?.[1].rates.prefillMs).toBeLessThan(0.4);
    learning.tell();
    expect(told).toHaveLength(1);
  });

  it("holds the memory that the engine tells of itself", () => {
    const { learning, told, facts } = scene();
    learning.follow(snapshotOf(["llm/0@1"]));
    learning.addScrape("llm/0@1", facts(3, 0, 40_000), 3);
    learning.tell();
    expect(told[0]?.[1]).toMatchObject({ kvTokenCap: 40_000, rates: DEFAULT_WORK_RATES });
  });

  it("takes what others send to an engine off what we may, once three looks agree", () => {
    const { learning, told, facts } = scene();
    learning.follow(snapshotOf(["llm/0@1"]));
    learning.addScrape("llm/0@1", facts(30), 10);
    learning.addScrape("llm/0@1", facts(32), 10);
    expect(learning.report()[0]?.foreignRunning).toBe(0);
    learning.addScrape("llm/0@1", facts(10), 10);
    expect(learning.report()[0]?.foreignRunning).toBe(0);
    for (const running of [30, 32, 31]) learning.addScrape("llm/0@1", facts(running), 10);
    learning.tell();
    expect(learning.report()[0]?.foreignRunning).toBe(20);
    // Without a bound there is nothing to take it off.
    expect(told[0]?.[1].activeCap).toBe(NO_LIMIT);
    const declared = scene();
    declared.learning.follow(snapshotOf(["llm/0@1"], 64));
    for (const running of [30, 32, 31]) declared.learning.addScrape("llm/0@1", facts(running), 10);
    declared.learning.tell();
    expect(declared.told[0]?.[1].activeCap).toBe(44);
  });

  it("bounds an engine in which requests wait, unless the manifest says what it bears", () => {
    for (const maxActive of [undefined, 64]) {
      const { clock, learning, told, facts } = scene();
      learning.follow(snapshotOf(["llm/0@1"], maxActive));
      for (let look = 0; look < 4; look += 1) {
        void clock.advance(1_000);
        learning.addScrape("llm/0@1", facts(32, 40), 72);
      }
      learning.tell();
      expect(told[0]?.[1].activeCap).toBe(maxActive ?? 32);
    }
  });

  it("expects of an endpoint that has shown no limit as many as another one of its service bears", () => {
    const { clock, learning, told, facts, firstToken } = scene();
    learning.follow(snapshotOf(["llm/0@1", "llm/1@2"]));
    firstToken(50, 100);
    learning.addScrape("llm/1@2", facts(3), 3);
    for (let look = 0; look < 4; look += 1) {
      void clock.advance(1_000);
      learning.addScrape("llm/0@1", facts(32, 40), 72);
    }
    learning.tell();
    expect(told.find(([id]) => id === "llm/1@2")?.[1]).toMatchObject({ activeCap: NO_LIMIT, expectedCap: 32 });
  });

  it("takes no first token for the price of a prompt that waited for a place", () => {
    const { learning, facts, firstToken } = scene();
    learning.follow(snapshotOf(["llm/0@1"]));
    learning.addScrape("llm/0@1", facts(5, 3), 8);
    for (let each = 0; each < 400; each += 1) firstToken(9_000, 100);
    expect(learning.report()[0]?.firstTokens).toBe(0);
    learning.addScrape("llm/0@1", facts(5), 5);
    firstToken(50, 100);
    expect(learning.report()[0]?.firstTokens).toBe(1);
    const full = scene();
    full.learning.follow(snapshotOf(["llm/0@1"], 4));
    full.firstToken(9_000, 100);
    expect(full.learning.report()[0]?.firstTokens).toBe(0);
  });

  it("learns the price of writing between prompts, and where they never end from the best of twenty looks", () => {
    const { learning } = scene();
    learning.follow(snapshotOf(["llm/0@1"]));
    const gap = (itlMs: number, isReading: boolean) =>
      learning.add({
        firstTokens: [],
        gaps: [{ endpoint: "llm/0@1", itlMs, gaps: 50, running: 8, active: 8, contextTokens: 8_000, isReading }],
      });
    for (let look = 0; look < 19; look += 1) gap(look === 7 ? 20 : 200, true);
    expect(learning.report()[0]?.tokenGaps).toBe(0);
    gap(200, true);
    expect(learning.report()[0]?.tokenGaps).toBe(1);
    for (let look = 0; look < 600; look += 1) gap(look % 20 === 7 ? 20 : 200, true);
    expect(learning.report()[0]?.rates.decodeMs).toBeLessThan(20);
    gap(20, false);
    expect(learning.report()[0]?.tokenGaps).toBe(32);
  });

  it("is kept of the endpoints of models only, and forgotten with them", () => {
    const { learning, facts } = scene();
    learning.follow(snapshotOf(["llm/0@1", "llm/1@2"]));
    learning.addScrape("web/0@1", facts(1), 0);
    learning.addScrape("gone/0@1", facts(1), 0);
    expect(learning.report().map(({ endpoint }) => endpoint)).toEqual(["llm/0@1", "llm/1@2"]);
    learning.follow(snapshotOf(["llm/1@2"]));
    expect(learning.report().map(({ endpoint }) => endpoint)).toEqual(["llm/1@2"]);
  });

  it("is what an instance begins with that is new in its service, whether its sisters are there still or not", () => {
    const { learning, told, learnPrompts } = scene();
    learning.follow(snapshotOf(["llm/0@1"]));
    learnPrompts();
    const { prefillMs = 0 } = learning.report()[0]?.rates ?? {};
    learning.follow(snapshotOf(["llm/0@1", "llm/1@2"]));
    learning.tell();
    expect(told.map(([endpoint, { rates }]) => [endpoint, rates.prefillMs.toFixed(6)])).toEqual([
      ["llm/0@1", prefillMs.toFixed(6)],
      ["llm/1@2", prefillMs.toFixed(6)],
    ]);
    learning.follow(snapshotOf([]));
    learning.follow(snapshotOf(["llm/0@3"]));
    expect(learning.report()[0]?.rates.prefillMs).toBeCloseTo(prefillMs, 6);
  });

  it("stays when the manifest says from now on how many requests an engine bears", () => {
    const { learning, told, facts, learnPrompts } = scene();
    learning.follow(snapshotOf(["llm/0@1"]));
    learnPrompts();
    learning.addScrape("llm/0@1", facts(3, 0, 40_000), 3);
    const [before] = learning.report();
    learning.follow(snapshotOf(["llm/0@1"], 64));
    expect(learning.report()[0]).toMatchObject({ firstTokens: before?.firstTokens, kvTokenCap: 40_000 });
    learning.tell();
    expect(told.at(-1)?.[1]).toMatchObject({ activeCap: 64, kvTokenCap: 40_000 });
  });

  it("begins where it was saved, also an instance that is new in a known service, and passes over damage", () => {
    const first = scene();
    first.learning.follow(snapshotOf(["llm/0@1"]));
    first.learnPrompts();
    const saved = JSON.parse(JSON.stringify(first.learning.save())) as SavedEndpoint[];
    const damaged = [{ endpoint: "llm/0@1", rates: { prefillMs: -1, decodeMs: 0, contextMs: 0 } }, { endpoint: 7 }];
    const again = scene([...(damaged as unknown as SavedEndpoint[]), ...saved]);
    again.learning.follow(snapshotOf(["llm/0@1", "llm/3@9"]));
    for (const { rates } of again.learning.report())
      expect(rates.prefillMs).toBeCloseTo(saved[0]?.rates.prefillMs ?? 0, 6);
  });

  it("is saved so that an engine of few places costs after a restart what it cost before", () => {
    const first = scene();
    first.learning.follow(snapshotOf(["llm/0@1"], 4));
    for (let look = 0; look < 600; look += 1) {
      const running = 1 + (look % 4);
      const gap = { itlMs: 10 + 0.3 * running, gaps: 50, running, active: running, contextTokens: 500 * running };
      first.learning.add({ firstTokens: [], gaps: [{ endpoint: "llm/0@1", isReading: false, ...gap }] });
    }
    const again = scene(first.learning.save());
    again.learning.follow(snapshotOf(["llm/0@1"], 4));
    const [before = 0, after = 0] = [first, again].map(({ learning }) => learning.report()[0]?.rates.decodeMs);
    expect(before).toBeCloseTo(2.8, 0);
    expect(after / before).toBeGreaterThan(0.5);
    expect(after / before).toBeLessThan(2);
  });

  it("is saved again where nothing came since, of a service without instances too", () => {
    const saved = [{ endpoint: "llm/0@1", rates: { prefillMs: 0.3, decodeMs: 0.1, contextMs: 0 } }];
    const prefillOf = (scale: readonly string[]) => {
      const { learning } = scene(saved);
      learning.follow(snapshotOf(scale));
      return learning.save().map(({ endpoint, rates }) => [endpoint, Number(rates.prefillMs.toFixed(6))]);
    };
    expect(prefillOf(["llm/0@1"])).toEqual([["llm/0@1", 0.3]]);
    expect(prefillOf(["llm/2@7"])).toEqual([["llm/2@7", 0.3]]);
    expect(prefillOf([])).toEqual([["llm", 0.3]]);
  });

  it.each([
    ["grows again with what all gateways have there", 24, true],
    ["stays where only a part of it is used", 0, false],
  ])("of how many it bears %s", async (_, others, isGrown) => {
    const { clock, learning, facts } = scene([], others);
    learning.follow(snapshotOf(["llm/0@1"]));
    const cap = (): number => learning.report()[0]?.activeCap ?? Number.NaN;
    for (let look = 0; look < 5; look += 1) learning.addScrape("llm/0@1", facts(48, 40), 88);
    learning.tell();
    const fallen = cap();
    expect(fallen).toBeLessThan(60);
    const sample = { endpoint: "llm/0@1", itlMs: 20, gaps: 40, contextTokens: 20_000, isReading: false };
    for (let look = 0; look < 240; look += 1) {
      await clock.advance(250);
      learning.add({ gaps: [{ ...sample, running: 24, active: 24 }], firstTokens: [] });
    }
    learning.tell();
    expect(cap() > fallen).toBe(isGrown);
  });
});

describe("an engine that says nothing of itself", () => {
  /** Clients that ask again when they were answered, as many at once as was learned, before an engine; looks as a worker makes them. */
  async function serve(profile: EngineProfile, clients: number, untilMs: number, itlObjectiveMs?: number) {
    const { clock, learning } = scene();
    const schedule = itlObjectiveMs === undefined ? {} : { schedule: { itlObjectiveMs } };
    const served = snapshotOf(["llm/0@1"]);
    learning.follow({ ...served, pools: served.pools.map((pool) => ({ ...pool, ...schedule })) });
    const batch = createBatch(profile);
    const sent = new Map<Sequence, { readonly at: number; readonly uncached: number }>();
    const unread = new Set<Sequence>();
    const capNow = (): number => learning.report()[0]?.activeCap ?? Number.POSITIVE_INFINITY;
    let [now, lookedAt, tokens, writing, context] = [0, 0, 0, 0, 0];
    while (now < untilMs) {
      while (sent.size < Math.min(clients, capNow())) {
        const sequence = batch.add({ id: now, promptTokens: 200, outputTokens: 150 }) as Sequence;
        unread.add(sequence);
        sent.set(sequence, { at: now, uncached: 200 * unread.size });
      }
      const stepMs = batch.beginStep() as number;
      now += stepMs;
      await clock.advance(stepMs);
      const decoding = [...batch.decoding()].length;
      const { first, finished } = batch.endStep();
      tokens += decoding;
      writing += decoding * stepMs;
      context += decoding * 300 * stepMs;
      const active = sent.size;
      const running = Math.max(1, decoding);
      for (const sequence of first) {
        const { at, uncached } = sent.get(sequence) as { at: number; uncached: number };
        unread.delete(sequence);
        const sample = { endpoint: "llm/0@1", ttftMs: now - at, uncachedTokens: uncached, running, active };
        learning.add({ gaps: [], firstTokens: [sample] });
      }
      for (const sequence of finished) sent.delete(sequence);
      if (now - lookedAt < 250 || tokens === 0) continue;
      const sinceMs = now - lookedAt;
      const mean = writing / sinceMs;
      const gap = { endpoint: "llm/0@1", itlMs: (sinceMs * mean) / tokens, gaps: tokens, running: Math.max(1, mean) };
      learning.add({
        firstTokens: [],
        gaps: [{ ...gap, active, contextTokens: context / sinceMs, isReading: unread.size > 0 }],
      });
      learning.tell();
      [lookedAt, tokens, writing, context] = [now, 0, 0, 0];
    }
    return learning.report()[0];
  }

  it("shows its four places by first tokens that come late, and the cap comes down to them", async () => {
    const report = await serve(ENGINE_PROFILES["serial-4"], 24, 240_000);
    expect(report?.activeCap).toBeGreaterThanOrEqual(4);
    expect(report?.activeCap).toBeLessThanOrEqual(6);
    expect(report?.capReason).toBe("engine-waiting");
  });

  it("has no more at once than keep the objective of the manifest", async () => {
    const profile = { ...ENGINE_PROFILES["8b-a100"], maxConcurrency: 1_024, perSequenceMs: 0.5 };
    const report = await serve(profile, 400, 300_000, 50);
    expect(report?.capReason).toBe("objective");
    expect(report?.activeCap).toBeGreaterThan(30);
    expect(report?.activeCap).toBeLessThan(110);
  });
});
