// Reading a prompt is bound by arithmetic, so its time grows with the number of tokens and with nothing else.

import type { EngineProfile } from "./engine-profile.ts";

/**
 * Time that `promptTokens` add to the steps that read them, in milliseconds.
 *
 * The base time of those steps is not in it: see `stepTimeMs`.
 */
export function prefillTimeMs(profile: Pick<EngineProfile, "prefillTokensPerSecond">, promptTokens: number): number {
  return (promptTokens / profile.prefillTokensPerSecond) * 1000;
}
