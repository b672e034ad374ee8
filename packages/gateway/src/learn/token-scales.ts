// Tokens per byte of each model, as they are on average: how far an answer has come follows from the bytes that were delivered. The ledger's
// own estimate (`ledger/estimate-usage.ts`) is meant to lie above the truth, because money hangs on it; what is foretold must not.

/** Sums over the answers seen, in which an old one counts less and less. */
export interface TokenScale {
  inputBytes: number;
  inputTokens: number;
  outputBytes: number;
  outputTokens: number;
}

/** Scales by model alias. Not shared between threads. */
export interface TokenScales {
  /** A prompt of text and what its backend counted. */
  learnInput(model: string, bytes: number, tokens: number): void;
  /** The text of an answer and what its backend counted. */
  learnOutput(model: string, bytes: number, tokens: number): void;
  /** At least 1. */
  inputTokens(model: string, bytes: number): number;
  outputTokens(model: string, bytes: number): number;
  /** Plain JSON. */
  save(): Readonly<Record<string, TokenScale>>;
}

/** Between English (0.22 of a message with its frame) and Chinese (0.35). */
const PRIOR = 0.25;
/** What the prior counts as. */
const PRIOR_BYTES = 1_000;
/** What was seen before counts so much after a further answer: some hundred are remembered. */
const KEEP = 0.99;
/** Fewer bytes say little. */
const LEAST_BYTES = 32;
/** A token is a byte at least; more than one token a byte is thinking that was not shown. */
const MOST = 1;
/** Models remembered; past this the one that was made first is forgotten. */
const MAX_MODELS = 256;

/** Scales as they were saved; anything else is passed over. */
export function createTokenScales(saved?: unknown): TokenScales {
  const scales = new Map<string, TokenScale>(restored(saved));
  const scaleOf = (model: string): TokenScale => {
    const known = scales.get(model);
    if (known) return known;
    if (scales.size >= MAX_MODELS) scales.delete(scales.keys().next().value as string);
    const fresh = {
      inputBytes: PRIOR_BYTES,
      inputTokens: PRIOR * PRIOR_BYTES,
      outputBytes: PRIOR_BYTES,
      outputTokens: PRIOR * PRIOR_BYTES,
    };
    scales.set(model, fresh);
    return fresh;
  };
  return {
    learnInput(model, bytes, tokens) {
      if (!isUsable(bytes, tokens)) return;
      const scale = scaleOf(model);
      scale.inputBytes = scale.inputBytes * KEEP + bytes;
      scale.inputTokens = scale.inputTokens * KEEP + tokens;
    },
    learnOutput(model, bytes, tokens) {
      if (!isUsable(bytes, tokens)) return;
      const scale = scaleOf(model);
      scale.outputBytes = scale.outputBytes * KEEP + bytes;
      scale.outputTokens = scale.outputTokens * KEEP + tokens;
    },
    inputTokens(model, bytes) {
      const scale = scales.get(model);
      const ratio = scale === undefined ? PRIOR : scale.inputTokens / scale.inputBytes;
      return Math.max(1, Math.round(bytes * ratio));
    },
    outputTokens(model, bytes) {
      const scale = scales.get(model);
      return bytes * (scale === undefined ? PRIOR : scale.outputTokens / scale.outputBytes);
    },
    save: () => Object.fromEntries(scales),
  };
}

function isUsable(bytes: number, tokens: number): boolean {
  return bytes >= LEAST_BYTES && tokens > 0 && tokens <= MOST * bytes;
}

function restored(saved: unknown): [string, TokenScale][] {
  if (typeof saved !== "object" || saved === null) return [];
  return Object.entries(saved)
    .slice(0, MAX_MODELS)
    .flatMap(([model, scale]: [string, Partial<TokenScale> | null]): [string, TokenScale][] => {
      const { inputBytes = 0, inputTokens = 0, outputBytes = 0, outputTokens = 0 } = scale ?? {};
      const all = { inputBytes, inputTokens, outputBytes, outputTokens };
      return Object.values(all).every((sum) => Number.isFinite(sum) && sum > 0) ? [[model, all]] : [];
    });
}
