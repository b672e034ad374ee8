// Tokens of what no provider counted: bytes times the tokens per byte that reported usage has shown for the model. The ratio is the
// largest of the last 128 to 256 calls and a tenth more, so the estimate is meant to be above the truth: a call lies below it unless its
// ratio beats those of all calls remembered by more than a tenth, which for calls of one kind happens less than once in 128. A hard
// bound would be one token a byte, four times too much. Reasoning that the backend does not show is in no estimate.
import { inputTokens, NO_USAGE, outputTokens, type TokenUsage } from "@flyball/core";

/** Learns and estimates, per model. */
export interface UsageEstimator {
  /** A call that ended well and whose provider reported. Shown reasoning belongs to `outputBytes`. */
  learn(model: string, inputBytes: number, outputBytes: number, usage: TokenUsage): void;
  /** Tokens of so many bytes of output. */
  outputTokens(model: string, bytes: number): number;
  /** A whole usage; everything is counted as plain input and output, which is never the cheaper part. */
  estimate(model: string, inputBytes: number, outputBytes: number): TokenUsage;
}

/** Tokens per byte before anything was learned: above English (0.25), Chinese (0.35) and code (0.4). */
const PRIOR = 0.5;
const MARGIN = 1.1;
/** A token of text is a byte at least. */
const MOST = 1;
/** Shorter texts say little about the ratio. */
const SMALLEST_SAMPLE_BYTES = 64;
/** Added to each estimate: the start and end of a message, and what rounding takes from short texts. */
const SLACK_TOKENS = 4;
const EPOCH_CALLS = 128;
/** Models remembered; past this the one that was made first is forgotten and begins at the prior again. */
const MAX_MODELS = 2_000;

/** The largest ratio of this epoch and of the one before it. */
interface Ratio {
  current: number;
  before: number;
  calls: number;
}

interface ModelRatios {
  readonly input: Ratio;
  readonly output: Ratio;
}

/** An estimator that knows nothing yet. One per worker. */
export function createUsageEstimator(): UsageEstimator {
  const models = new Map<string, ModelRatios>();
  const ratiosOf = (model: string): ModelRatios => {
    const known = models.get(model);
    if (known) return known;
    if (models.size >= MAX_MODELS) models.delete(models.keys().next().value as string);
    const fresh = { input: unlearned(), output: unlearned() };
    models.set(model, fresh);
    return fresh;
  };
  const tokensOf = (ratio: Ratio | undefined, bytes: number): number =>
    bytes === 0 ? 0 : Math.ceil(bytes * upper(ratio)) + SLACK_TOKENS;
  return {
    learn(model, inputBytes, outputBytes, usage) {
      const { input, output } = ratiosOf(model);
      // Tokens of images and sounds stand for bytes that are no text.
      if (usage.imageInput + usage.audioInput === 0) learn(input, inputBytes, inputTokens(usage));
      if (usage.audioOutput === 0) learn(output, outputBytes, outputTokens(usage));
    },
    outputTokens: (model, bytes) => tokensOf(models.get(model)?.output, bytes),
    estimate(model, inputBytes, outputBytes) {
      const ratios = models.get(model);
      return {
        ...NO_USAGE,
        input: tokensOf(ratios?.input, inputBytes),
        output: tokensOf(ratios?.output, outputBytes),
      };
    },
  };
}

function unlearned(): Ratio {
  return { current: 0, before: PRIOR, calls: 0 };
}

function learn(ratio: Ratio, bytes: number, tokens: number): void {
  if (bytes < SMALLEST_SAMPLE_BYTES || tokens === 0) return;
  ratio.current = Math.max(ratio.current, Math.min(MOST, tokens / bytes));
  ratio.calls += 1;
  if (ratio.calls < EPOCH_CALLS) return;
  ratio.before = ratio.current;
  ratio.current = 0;
  ratio.calls = 0;
}

function upper(ratio: Ratio | undefined): number {
  return ratio === undefined ? PRIOR : Math.min(MOST, Math.max(ratio.current, ratio.before) * MARGIN);
}
