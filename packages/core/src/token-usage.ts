// The one form in which the tokens of a model call are counted, whatever its provider calls them. Its parts are disjoint, so their sum
// is the total and every part has one price. Providers differ: some count cached tokens inside the input, some beside it; some count
// reasoning inside the output. Each dialect turns its own counting into this one.

/** Whole tokens of one call; parts are disjoint and never negative. */
export interface TokenUsage {
  /** Text of the prompt that was neither read from nor written to a cache. */
  readonly input: number;
  /** Read from the provider's cache. */
  readonly cacheRead: number;
  /** Written to a cache for five minutes, or of a length that the provider does not tell. */
  readonly cacheWrite5m: number;
  /** Written to a cache for an hour. */
  readonly cacheWrite1h: number;
  readonly audioInput: number;
  readonly imageInput: number;
  /** Visible output: text and tool calls. */
  readonly output: number;
  /** Reasoning, shown or not. */
  readonly reasoning: number;
  readonly audioOutput: number;
}

/** Nothing used. */
export const NO_USAGE: TokenUsage = {
  input: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  audioInput: 0,
  imageInput: 0,
  output: 0,
  reasoning: 0,
  audioOutput: 0,
};

/** Everything that came in, cached or not. */
export function inputTokens(usage: TokenUsage): number {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, audioInput, imageInput } = usage;
  return input + cacheRead + cacheWrite5m + cacheWrite1h + audioInput + imageInput;
}

/** Everything that went out, reasoning included. */
export function outputTokens({ output, reasoning, audioOutput }: TokenUsage): number {
  return output + reasoning + audioOutput;
}
