// An engine without a model whose timing is that of a real one: for rehearsals, load tests and drills without a GPU.

import { defaultEngineProfile } from "@flyball/engine-model";
import type { EngineProfile } from "@flyball/engine-model";
import { machineClock } from "../openai/engine-clock.ts";
import type { EngineClock } from "../openai/engine-clock.ts";
import { countTokens } from "../openai/count-tokens.ts";
import type { Engine, GeneratedPiece } from "../openai/engine.ts";
import { readPrompt } from "./read-prompt.ts";
import type { SimulatedPrompt } from "./read-prompt.ts";
import { seededRandom } from "./seeded-random.ts";
import { simulatedLength, simulatedWord } from "./simulated-text.ts";
import { createStepLoop } from "./step-loop.ts";

/** Options of the simulated engine. */
export interface SimulatedEngineOptions {
  /** What differs from an 8B model on one A100, or all of another profile. */
  readonly profile?: Partial<EngineProfile>;
  /** Requests that may wait for a place; the next one is refused. 256 unless said. */
  readonly maxWaiting?: number;
  /** Tokens of every answer; without it the request (`simulated_output_tokens`) or else the prompt decides (32 to 255). */
  readonly outputTokens?: number;
  /** Whether requests may have a priority; `fcfs`, no, unless said. */
  readonly schedulingPolicy?: "fcfs" | "priority";
  /** How many times faster than the clock the engine runs; 1 unless said. */
  readonly speed?: number;
  /** Of the jitter; 1 unless said. */
  readonly seed?: number;
  readonly clock?: EngineClock;
}

/** A simulated engine. */
export interface SimulatedEngine extends Engine {
  /** Steps that it has run. */
  steps(): number;
}

/** Creates a simulated engine. */
export function createSimulatedEngine(options: SimulatedEngineOptions = {}): SimulatedEngine {
  const profile: EngineProfile = { ...defaultEngineProfile, ...options.profile };
  const policy = options.schedulingPolicy ?? "fcfs";
  const loop = createStepLoop({
    profile,
    policy,
    maxWaiting: options.maxWaiting ?? 256,
    clock: options.clock ?? machineClock,
    speed: options.speed ?? 1,
    random: seededRandom(options.seed ?? 1),
  });
  return {
    completionFields: { answered_by: "simulated" },
    isReady: () => true,
    load: () => loop.load(),
    steps: () => loop.steps(),
    generate(request, signal) {
      const { priority = 0 } = request;
      if (priority !== 0 && policy !== "priority") return priorityRefused;
      const text = request.messages.map(({ role, text: content }) => `${role}\n${content}`).join("\n");
      const { prompt, hash, saidTokens } = readConversation(text, request.continuedText, profile.blockTokens);
      const whole = request.simulatedOutputTokens ?? options.outputTokens ?? simulatedLength(hash);
      const outputTokens = Math.min(whole - saidTokens, request.maxTokens ?? whole);
      const promptTokens = Math.max(1, prompt.tokens);
      if (outputTokens <= 0) return { outcome: "admitted", promptTokens, pieces: noPieces() };
      if (!fits(profile, promptTokens + outputTokens)) {
        const explanation = `The prompt of ${promptTokens} tokens and its answer of ${outputTokens} exceed the ${profile.kvCapacityTokens} tokens of this engine.`;
        return { outcome: "too-long", explanation };
      }
      const size = { promptTokens, outputTokens, priority, blocks: prompt.blocks };
      const tokens = loop.submit(size, signal);
      if (tokens === undefined) return { outcome: "saturated" };
      return { outcome: "admitted", promptTokens, pieces: sayWords(tokens, hash, saidTokens) };
    },
  };
}

/** What vLLM documents: it takes priorities only when it was started for them. */
const priorityRefused = {
  outcome: "unsupported",
  field: "priority",
  explanation: "'priority' must be 0: this engine does not run with --scheduling-policy priority.",
} as const;

function fits(profile: EngineProfile, tokens: number): boolean {
  return Math.ceil((tokens - 1) / profile.blockTokens) <= Math.floor(profile.kvCapacityTokens / profile.blockTokens);
}

/** What was said already is read again like a prompt, but which words follow depends on what was asked alone. */
function readConversation(
  text: string,
  continued: string | undefined,
  blockTokens: number,
): { readonly prompt: SimulatedPrompt; readonly hash: number; readonly saidTokens: number } {
  const asked = readPrompt(text, blockTokens);
  if (continued === undefined) return { prompt: asked, hash: asked.hash, saidTokens: 0 };
  const prompt = readPrompt(`${text}\nassistant\n${continued}`, blockTokens);
  return { prompt, hash: asked.hash, saidTokens: countTokens(continued) };
}

/** Words from the number `first` on. */
async function* sayWords(
  tokens: AsyncIterable<number>,
  hash: number,
  first: number,
): AsyncGenerator<GeneratedPiece, void, void> {
  for await (const index of tokens) yield { text: simulatedWord(hash, first + index), tokens: 1 };
}

/** All was said before. */
async function* noPieces(): AsyncGenerator<GeneratedPiece, void, void> {}
