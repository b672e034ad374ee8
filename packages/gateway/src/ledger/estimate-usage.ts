// Tokens of what no provider counted: bytes times the tokens per byte that reported usage has shown for the model. Of a prompt the bytes are
// the body's, of an answer those of what the model wrote, without the frames around it: they are the same whether it is streamed or not.
// The ratio is the largest of the last 128 to 256 samples and a tenth more, so the estimate is meant to be above the truth: a call lies
// below it unless its ratio beats those of all samples remembered by more than a tenth, which for calls of one kind happens less than once
// in 128. A hard bound would be one token a byte, four times too much. Reasoning that the backend does not show is in no estimate.
import { inputTokens, NO_USAGE, outputTokens, type TokenUsage } from "@flyball/core";

/** What is known of an attempt; bytes that are no text count as none. */
export interface CountedBytes {
  readonly input: number;
  /** Shown reasoning belongs to it. */
  readonly output: number;
}

/** Learns and estimates, per model. */
export interface UsageEstimator {
  /** A call that ended well and whose provider reported. */
  learn(model: string, bytes: CountedBytes, usage: TokenUsage): void;
  /** Whether the text of a whole answer of this model is worth counting for `learn`: of many like it only some are. */
  wantsSample(model: string): boolean;
  inputTokens(model: string, bytes: number): number;
  outputTokens(model: string, bytes: number): number;
  /** A whole usage; everything is counted as plain input and output, which is never the cheaper part. */
  estimate(model: string, bytes: CountedBytes): TokenUsage;
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
const EPOCH_SAMPLES = 128;
/** Whole answers: all of the first ones are counted, then one in so many. */
const FIRST_SAMPLES = 32;
const SAMPLED_ONE_IN = 16;
/** Models remembered; past this the one that was made first is forgotten and begins at the prior again. */
const MAX_MODELS = 2_000;

/** The largest ratio of this epoch and of the one before it. */
interface Ratio {
  current: number;
  /** undefined before the first epoch has ended: the prior stands in for it. */
  before: number | undefined;
  samples: number;
}

interface ModelRatios {
  readonly input: Ratio;
  readonly output: Ratio;
  /** Whole answers that might have been counted. */
  answers: number;
}

/** An estimator that knows nothing yet. One per worker. */
export function createUsageEstimator(): UsageEstimator {
  const models = new Map<string, ModelRatios>();
  const ratiosOf = (model: string): ModelRatios => {
    const known = models.get(model);
    if (known) return known;
    if (models.size >= MAX_MODELS) models.delete(models.keys().next().value as string);
    const fresh = { input: unlearned(), output: unlearned(), answers: 0 };
    models.set(model, fresh);
    return fresh;
  };
  return {
    learn(model, bytes, usage) {
      const { input, output } = ratiosOf(model);
      // Tokens of images and sounds stand for bytes that are no text.
      if (usage.imageInput + usage.audioInput === 0) learn(input, bytes.input, inputTokens(usage));
      if (usage.audioOutput === 0 && mayBeShown(bytes.output, usage)) learn(output, bytes.output, outputTokens(usage));
    },
    wantsSample(model) {
      const ratios = ratiosOf(model);
      ratios.answers += 1;
      return ratios.answers <= FIRST_SAMPLES || ratios.answers % SAMPLED_ONE_IN === 0;
    },
    inputTokens: (model, bytes) => tokensOf(models.get(model)?.input, bytes),
    outputTokens: (model, bytes) => tokensOf(models.get(model)?.output, bytes),
    estimate(model, bytes) {
      const ratios = models.get(model);
      return {
        ...NO_USAGE,
        input: tokensOf(ratios?.input, bytes.input),
        output: tokensOf(ratios?.output, bytes.output),
      };
    },
  };
}

/** More tokens than any text has, and reasoning among them: it was not shown, so its bytes were not counted. */
function mayBeShown(bytes: number, usage: TokenUsage): boolean {
  return usage.reasoning === 0 || outputTokens(usage) <= bytes * PRIOR;
}

function tokensOf(ratio: Ratio | undefined, bytes: number): number {
  return bytes === 0 ? 0 : Math.ceil(bytes * upper(ratio)) + SLACK_TOKENS;
}

function unlearned(): Ratio {
  return { current: 0, before: undefined, samples: 0 };
}

function learn(ratio: Ratio, bytes: number, tokens: number): void {
  if (bytes < SMALLEST_SAMPLE_BYTES || tokens === 0) return;
  ratio.current = Math.max(ratio.current, Math.min(MOST, tokens / bytes));
  ratio.samples += 1;
  if (ratio.samples < EPOCH_SAMPLES) return;
  ratio.before = ratio.current;
  ratio.current = 0;
  ratio.samples = 0;
}

function upper(ratio: Ratio | undefined): number {
  if (ratio === undefined) return PRIOR;
  const before = ratio.before === undefined ? PRIOR : ratio.before * MARGIN;
  return Math.min(MOST, Math.max(ratio.current * MARGIN, before));
}
