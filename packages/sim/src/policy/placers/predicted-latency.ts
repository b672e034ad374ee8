// llm-d's predicted latency, greedily: a model learned online foretells time to first token and time per token on every replica, and the least
// of 0.8 of the one and 0.2 of the other wins. llm-d learns boosted trees on 28 cores with an error of 5 %; here two linear models with squares
// learn the same features from the same samples. As there, all replicas are taken for one kind of hardware.
import type { SimRequest } from "../../trace/trace-request.ts";
import { createLinearModel } from "../../statistics/recursive-least-squares.ts";
import { PLAIN_PLACER, type CreatePlacer } from "../placer.ts";
import type { EngineMetrics } from "../policy.ts";
import { chooseLeast } from "./least-score.ts";
import { createSentBlocks } from "./sent-blocks.ts";

const SCRAPE_MS = 200;
const FEATURES = 8;
const MEMORY = 0.999;
/** Part of the requests that go anywhere, so that the model keeps seeing all replicas. */
const EXPLORED = 0.01;
const TTFT_PART = 0.8;

/** The model-based baseline. */
export const createPredictedLatency: CreatePlacer = (world, book) => {
  const { random } = world;
  const sent = createSentBlocks(book.size, world.blockTokens);
  const ttft = createLinearModel(FEATURES, MEMORY);
  const tpot = createLinearModel(FEATURES, MEMORY);
  let metrics: readonly EngineMetrics[] = book.facts.map(() => ({
    running: 0,
    waiting: 0,
    kvTokens: 0,
    preemptions: 0,
  }));
  /** What was known of a request when it went; bounded by the requests in flight. */
  const known = new Map<number, { readonly features: readonly number[]; ttftMs: number }>();

  function featuresOf(request: SimRequest, replica: number): readonly number[] {
    const { waiting, kvTokens } = metrics[replica] as EngineMetrics;
    const memory = kvTokens / (book.facts[replica]?.kvCapacityTokens ?? 1);
    const prompt = (request.inputTokens - sent.matchedTokens(request, replica)) / 1_000;
    const reading = book.prefillTokens(replica) / 1_000;
    const active = book.active(replica) / 100;
    return [1, memory, prompt, reading, active, waiting / 10, active * active, memory * memory];
  }

  return {
    ...PLAIN_PLACER,
    tickMs: SCRAPE_MS,
    tick() {
      metrics = book.facts.map((_facts, replica) => world.metrics(replica));
    },
    cachedTokens: (request, replica) => sent.matchedTokens(request, replica),
    choose(request, canTake) {
      if (random() < EXPLORED) return chooseLeast(book.size, random, canTake, () => 0);
      const features = book.facts.map((_facts, replica) => featuresOf(request, replica));
      const ttfts = features.map((each) => Math.max(0, ttft.predict(each)));
      const tpots = features.map((each) => Math.max(0, tpot.predict(each)));
      const [mostTtft, mostTpot] = [Math.max(1e-9, ...ttfts), Math.max(1e-9, ...tpots)];
      return chooseLeast(
        book.size,
        random,
        canTake,
        (replica) =>
          (TTFT_PART * (ttfts[replica] as number)) / mostTtft +
          ((1 - TTFT_PART) * (tpots[replica] as number)) / mostTpot,
      );
    },
    sent(request, replica) {
      known.set(request.id, { features: featuresOf(request, replica), ttftMs: 0 });
      sent.add(request, replica);
    },
    firstToken({ id }, _replica, ttftMs) {
      const call = known.get(id);
      if (call === undefined) return;
      call.ttftMs = ttftMs;
      ttft.learn(call.features, ttftMs);
    },
    end({ id }, _replica, outputTokens, latencyMs) {
      const call = known.get(id);
      known.delete(id);
      if (call === undefined || outputTokens < 2) return;
      tpot.learn(call.features, (latencyMs - call.ttftMs) / (outputTokens - 1));
    },
  };
};
