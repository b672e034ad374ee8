// What capacity depends on of a list of requests: how many come, how unevenly, and the few moments of their lengths that the formulas need.
import { quantileOf } from "../metrics/quantile.ts";
import type { TraceRequest } from "../trace/trace-request.ts";

/** Moments of the requests of a trace. Tokens are those that an engine has to read or write. */
export interface TrafficMix {
  readonly requestsPerSecond: number;
  /** Squared coefficient of variation of the gaps between arrivals; 1 for Poisson, more for bursts. */
  readonly arrivalVariation: number;
  /** Prompt tokens that no cache can have: without the blocks that an earlier request began with. */
  readonly uncachedInputTokens: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Squared coefficient of variation of the uncached input and of the output. */
  readonly inputVariation: number;
  readonly outputVariation: number;
  /** Pairs of tokens of which attention is computed while a prompt is read. */
  readonly attentionPairs: number;
  /** Tokens kept in memory, summed over the steps in which a request writes: out × (in + out ÷ 2). */
  readonly decodeTokenSteps: number;
  /** in² ÷ 2: the same while it is read, times the chunk size. */
  readonly readTokenSquares: number;
  /** 95th percentile of the uncached input. */
  readonly longInputTokens: number;
}

/** Of requests by arrival; `blockTokens` of their prefix blocks, 0 where they have none. Undefined for fewer than two requests. */
export function mixOf(requests: readonly TraceRequest[], blockTokens: number): TrafficMix | undefined {
  const spanMs = (requests.at(-1)?.arrivedAt ?? 0) - (requests[0]?.arrivedAt ?? 0);
  if (requests.length < 2 || spanMs <= 0) return undefined;
  const uncached = uncachedInputs(requests, blockTokens);
  const gaps = requests.slice(1).map(({ arrivedAt }, index) => arrivedAt - (requests[index] as TraceRequest).arrivedAt);
  const mean = (value: (request: TraceRequest, index: number) => number): number =>
    requests.reduce((sum, request, index) => sum + value(request, index), 0) / requests.length;
  const outputs = requests.map(({ outputTokens }) => outputTokens);
  return {
    requestsPerSecond: ((requests.length - 1) * 1_000) / spanMs,
    arrivalVariation: variationOf(gaps),
    uncachedInputTokens: mean((_request, index) => uncached[index] as number),
    inputTokens: mean(({ inputTokens }) => inputTokens),
    outputTokens: mean(({ outputTokens }) => outputTokens),
    inputVariation: variationOf(uncached),
    outputVariation: variationOf(outputs),
    attentionPairs: mean(({ inputTokens }, index) => {
      const own = uncached[index] as number;
      return own * (inputTokens - own / 2);
    }),
    decodeTokenSteps: mean(({ inputTokens, outputTokens }) => outputTokens * (inputTokens + outputTokens / 2)),
    readTokenSquares: mean(({ inputTokens }) => inputTokens ** 2 / 2),
    longInputTokens: quantileOf(Float64Array.from(uncached).toSorted(), 0.95),
  };
}

/** As if every block stayed in the cache once it was read; an engine keeps less, which a simulation shows. */
function uncachedInputs(requests: readonly TraceRequest[], blockTokens: number): readonly number[] {
  const known = new Set<number>();
  return requests.map(({ inputTokens, blocks }) => {
    const first = blocks.findIndex((block) => !known.has(block));
    const hits = first < 0 ? blocks.length : first;
    for (const block of blocks) known.add(block);
    // An engine reads at least the last token, for it needs what follows it.
    return Math.max(1, inputTokens - hits * blockTokens);
  });
}

/** Variance ÷ mean². */
function variationOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (mean === 0) return 0;
  return values.reduce((sum, value) => sum + (value / mean - 1) ** 2, 0) / values.length;
}
