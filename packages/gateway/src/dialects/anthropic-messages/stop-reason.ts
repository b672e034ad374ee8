// Why an answer ended, in Anthropic's words.
import type { NormalEnd } from "../normal-form/normal-answer.ts";

/** The normal end. `hasToolCalls` is false when the only tool called was the one that stands for a schema. */
export function normalEnd(reason: string | undefined, hasToolCalls: boolean): NormalEnd {
  switch (reason) {
    case "max_tokens":
    case "model_context_window_exceeded":
      return "length";
    case "stop_sequence":
      return "stop-sequence";
    case "refusal":
      return "refused";
    default:
      // Compatible servers say end_turn although tools were called.
      return hasToolCalls ? "tool-calls" : "stop";
  }
}

/** Anthropic's word. */
export function anthropicStopReason(end: NormalEnd): string {
  return STOP_REASONS[end];
}

const STOP_REASONS: Readonly<Record<NormalEnd, string>> = {
  stop: "end_turn",
  "stop-sequence": "stop_sequence",
  length: "max_tokens",
  "tool-calls": "tool_use",
  refused: "refusal",
};
