// An engine without a model whose timing is that of a real one: for rehearsals, load tests and drills without a GPU.

import { defaultEngineProfile } from "@flyball/engine-model";
import type { EngineProfile } from "@flyball/engine-model";
import { countTokens } from "../openai/count-tokens.ts";
import { machineClock } from "../openai/engine-clock.ts";
import type { EngineClock } from "../openai/engine-clock.ts";
import type { Engine, GeneratedPiece, GenerationRequest } from "../openai/engine.ts";
import { hashText, simulatedLength, simulatedWord } from "./simulated-text.ts";
import { createStepLoop } from "./step-loop.ts";

/** Options of the simulated engine; what is left out is an 8B model on one A100. */
export interface SimulatedEngineOptions {
  readonly profile?: Partial<EngineProfile>;
  /** Requests that may wait for a place; the next one is refused. */
  readonly maxWaiting?: number;
  /** Tokens of every answer; without it the prompt decides (32 to 255). */
  readonly outputTokens?: number;
  readonly clock?: EngineClock;
}

/** Creates a simulated engine. */
export function createSimulatedEngine(options: SimulatedEngineOptions = {}): Engine {
  const profile: EngineProfile = { ...defaultEngineProfile, ...options.profile };
  const loop = createStepLoop({
    profile,
    maxWaiting: options.maxWaiting ?? 256,
    clock: options.clock ?? machineClock,
  });
  return {
    completionFields: { answered_by: "simulated" },
    isReady: () => true,
    load: () => loop.load(),
    generate(request, signal) {
      const prompt = request.messages.map(({ role, text }) => `${role}\n${text}`).join("\n");
      const promptTokens = countTokens(prompt);
      const hash = hashText(prompt);
      const outputTokens = wantedTokens(request, options.outputTokens ?? simulatedLength(hash));
      if (promptTokens + outputTokens > profile.kvCapacityTokens) {
        const explanation = `The prompt of ${promptTokens} tokens and its answer of ${outputTokens} exceed the ${profile.kvCapacityTokens} tokens of this engine.`;
        return { outcome: "too-long", explanation };
      }
      const tokens = loop.submit({ promptTokens, outputTokens }, signal);
      if (tokens === undefined) return { outcome: "saturated" };
      return { outcome: "admitted", promptTokens, pieces: sayWords(tokens, hash) };
    },
  };
}

function wantedTokens(request: GenerationRequest, outputTokens: number): number {
  return Math.min(outputTokens, request.maxTokens ?? outputTokens);
}

async function* sayWords(tokens: AsyncIterable<number>, hash: number): AsyncGenerator<GeneratedPiece, void, void> {
  for await (const index of tokens) yield { text: simulatedWord(hash, index), tokens: 1 };
}
