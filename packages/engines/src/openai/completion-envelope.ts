// The JSON objects around generated text. One envelope serves one request, so that every chunk of a stream has the same
// id, time and model, which clients use to put chunks together.

import type { FinishReason } from "./limit-generation.ts";

/** Tokens of one request. */
export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** What all objects of one response have in common. */
export interface EnvelopeOptions {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly createdSeconds: number;
  readonly model: string;
  /** Further top-level fields, for example `answered_by`. */
  readonly fields: Readonly<Record<string, string>>;
  /** With it, chunks carry `usage: null` and one more chunk carries the usage. */
  readonly includeUsage: boolean;
}

/** Builds the objects of one response. */
export interface CompletionEnvelope {
  completion(text: string, finishReason: FinishReason, usage: Usage): object;
  roleChunk(): object;
  textChunk(text: string): object;
  finishChunk(finishReason: FinishReason): object;
  usageChunk(usage: Usage): object;
}

/** Creates the envelope of one response. */
export function createCompletionEnvelope(options: EnvelopeOptions): CompletionEnvelope {
  const head = (object: string): object => ({
    id: options.id,
    object,
    created: options.createdSeconds,
    model: options.model,
    ...options.fields,
  });
  const chunk = (delta: object, finishReason: FinishReason | null): object => ({
    ...head("chat.completion.chunk"),
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
    ...(options.includeUsage ? { usage: null } : {}),
  });
  return {
    completion: (text, finishReason, usage) => ({
      ...head("chat.completion"),
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: text, refusal: null },
          logprobs: null,
          finish_reason: finishReason,
        },
      ],
      usage: usageBody(usage),
    }),
    roleChunk: () => chunk({ role: "assistant", content: "" }, null),
    textChunk: (text) => chunk({ content: text }, null),
    finishChunk: (finishReason) => chunk({}, finishReason),
    usageChunk: (usage) => ({
      ...head("chat.completion.chunk"),
      choices: [],
      usage: usageBody(usage),
    }),
  };
}

function usageBody(usage: Usage): object {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
  };
}
