// llm-d's former default: a weighted sum of scores, three parts prefix match, two each queue length, free memory and "least recently used among
// those that have nothing of the prompt", with queue and memory as the engines' metrics said at the last scrape.
import { PLAIN_PLACER, type CreatePlacer } from "../placer.ts";
import type { EngineMetrics } from "../policy.ts";
import { chooseLeast } from "./least-score.ts";
import { createSentBlocks } from "./sent-blocks.ts";

const WEIGHTS = { prefix: 3, queue: 2, memory: 2, coldest: 2 } as const;

/** `scrapeMs`: how old the metrics may be; 200 in llm-d. */
export function createScrapedBlend(scrapeMs: number): CreatePlacer {
  return (world, book) => {
    const { random } = world;
    const sent = createSentBlocks(book.size, world.blockTokens);
    const coldSentAt = book.facts.map(() => Number.NEGATIVE_INFINITY);
    let metrics: readonly EngineMetrics[] = book.facts.map(() => ({
      running: 0,
      waiting: 0,
      kvTokens: 0,
      preemptions: 0,
    }));
    return {
      ...PLAIN_PLACER,
      tickMs: scrapeMs,
      tick() {
        metrics = book.facts.map((_facts, replica) => world.metrics(replica));
      },
      cachedTokens: (request, replica) => sent.matchedTokens(request, replica),
      choose(request, canTake) {
        const matched = book.facts.map((_facts, replica) => sent.matchedTokens(request, replica));
        const isCold = matched.every((tokens) => tokens === 0);
        const waiting = metrics.map((each) => each.waiting);
        const most = Math.max(...waiting);
        const least = Math.min(...waiting);
        const oldestFirst = coldSentAt.toSorted((a, b) => a - b);
        const scoreOf = (replica: number): number => {
          const facts = book.facts[replica];
          const { kvTokens, waiting: queue } = metrics[replica] as EngineMetrics;
          const rank = oldestFirst.indexOf(coldSentAt[replica] as number);
          return (
            (WEIGHTS.prefix * (matched[replica] as number)) / request.inputTokens +
            WEIGHTS.queue * (most === least ? 1 : (most - queue) / (most - least)) +
            WEIGHTS.memory * (1 - kvTokens / (facts?.kvCapacityTokens ?? 1)) +
            WEIGHTS.coldest * (isCold ? 1 - rank / Math.max(1, book.size - 1) : 0.5)
          );
        };
        return chooseLeast(book.size, random, canTake, (replica) => -scoreOf(replica));
      },
      sent(request, replica, now) {
        if (sent.matchedTokens(request, replica) === 0) coldSentAt[replica] = now;
        sent.add(request, replica);
      },
    };
  };
}
