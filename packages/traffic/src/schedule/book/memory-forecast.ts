// The KV memory that an endpoint will need, as a forecast over the steps to come. A running request takes its context now, a token more in
// every step, and nothing once it has ended. So what has to stay below the limit is the peak of the sum over time (Past-Future, ASPLOS
// 2025): the sum of the largest each may ever take is about twice that, and would keep requests waiting before memory that is free.
//
// Time is counted in tokens, because all that run get one in each step, and cut into spans that grow. A request is counted in a span with
// the most it has there. Sums of spans add up, so a reservation is sixteen additions that can be taken back.

/** Spans of the forecast. */
export const SPANS = 16;

/** The first step of each span, and where the last one would end. */
const FIRST_STEPS: readonly number[] = [
  0, 32, 64, 128, 192, 256, 384, 512, 768, 1_024, 1_536, 2_048, 3_072, 4_096, 8_192, 16_384, 0x0fff_ffff,
];

/** The first step of a span. */
export function firstStep(span: number): number {
  return FIRST_STEPS[span] as number;
}

/** The span in which a request with so many tokens to come ends. */
export function lastSpan(remainingTokens: number): number {
  let span = 0;
  while (span + 1 < SPANS && (FIRST_STEPS[span + 1] as number) < remainingTokens) span += 1;
  return span;
}

/** Tokens that a request brings at most until the end of a span that it lives to see. */
export function growthIn(span: number, remainingTokens: number): number {
  return Math.min(remainingTokens, FIRST_STEPS[span + 1] as number);
}

/**
 * From an endpoint's free memory by span: the largest context that has room in all spans before each one, if it outlives them. With it a
 * request is told in two comparisons, see `hasMemory`.
 */
export function boundContexts(free: Int32Array, bounds: Int32Array, from: number): void {
  let least = 0x7fff_ffff;
  for (let span = 0; span < SPANS; span += 1) {
    bounds[from + span] = least;
    least = Math.min(least, (free[from + span] as number) - (FIRST_STEPS[span + 1] as number));
  }
}
