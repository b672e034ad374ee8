// Why an answer ended, in the words of OpenAI and of the servers that add their own.
import type { NormalEnd } from "../normal-form/normal-answer.ts";

const ENDS: Readonly<Record<string, NormalEnd>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool-calls",
  function_call: "tool-calls",
  content_filter: "refused",
  // Mistral.
  model_length: "length",
  // Zhipu.
  sensitive: "refused",
  // Llama servers.
  max_tokens: "length",
};

// vLLM and SGLang: abort. OpenRouter, Mistral: error. Zhipu: network_error. DeepSeek: insufficient_system_resource.
const ERRORS: ReadonlySet<string> = new Set([
  "error",
  "abort",
  "aborted",
  "network_error",
  "insufficient_system_resource",
]);

/** Whether the reason says that the backend failed. */
export function isErrorFinish(reason: string): boolean {
  return ERRORS.has(reason);
}

/** What the answer held. */
export interface EndFacts {
  readonly hasToolCalls: boolean;
  readonly hasRefusal: boolean;
  readonly stopSequence: string | undefined;
}

/** The normal end. Some servers say stop although tools were called; their clients would then not call them. */
export function normalEnd(reason: string, facts: EndFacts): NormalEnd {
  const end = ENDS[reason] ?? "stop";
  if (end !== "stop") return end;
  if (facts.hasToolCalls) return "tool-calls";
  if (facts.hasRefusal) return "refused";
  return facts.stopSequence === undefined ? "stop" : "stop-sequence";
}

/** OpenAI's word. A refusal in the model's own words is a normal stop there; only a filter is not. */
export function chatFinishReason(end: NormalEnd, isOwnRefusal: boolean): string {
  if (end === "length") return "length";
  if (end === "tool-calls") return "tool_calls";
  return end === "refused" && !isOwnRefusal ? "content_filter" : "stop";
}
