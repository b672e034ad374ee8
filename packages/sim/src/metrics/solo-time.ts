// What a request would take if it had an engine to itself: the measure of how much slower it was in company.
import { stepTimeMs, type EngineProfile } from "@flyball/engine-model";

/** Time to the first token alone on an idle engine, ms. */
export function soloTtftMs(profile: EngineProfile, inputTokens: number): number {
  const chunks = Math.ceil(inputTokens / profile.maxTokensPerStep);
  const chunkTokens = inputTokens / chunks;
  const none = { decodeSequences: 0, contextTokens: 0 };
  const attentionPairs = (chunkTokens * inputTokens) / 2;
  return (
    profile.requestOverheadMs + chunks * stepTimeMs(profile, { ...none, prefillTokens: chunkTokens, attentionPairs })
  );
}

/** Time to the last token alone on an idle engine, ms. */
export function soloTimeMs(profile: EngineProfile, inputTokens: number, outputTokens: number): number {
  const contextTokens = inputTokens + outputTokens / 2;
  const stepMs = stepTimeMs(profile, { prefillTokens: 0, decodeSequences: 1, contextTokens, attentionPairs: 0 });
  return soloTtftMs(profile, inputTokens) + (outputTokens - 1) * stepMs;
}
