// The response object and its items, as whole answers and streams both write them. Members that only repeat the call have their
// defaults: the call went to another dialect.
import { assertNever } from "@flyball/core";
import type { TokenUsage } from "@flyball/core";
import type { AnswerIdentity } from "../dialect.ts";
import type { JsonObject } from "../json-value.ts";
import type { NormalEnd } from "../normal-form/normal-answer.ts";
import { OWN_REASONING_ID } from "./reasoning-signature.ts";
import { writeResponsesUsage } from "./usage.ts";

/** One item of the output, whole or as far as it has come. */
export type OutputItem =
  | { readonly kind: "text"; readonly text: string; readonly isRefusal: boolean }
  | { readonly kind: "thinking"; readonly text: string; readonly signature: string | undefined }
  | { readonly kind: "tool-call"; readonly id: string; readonly name: string; readonly argumentsText: string };

/** The id of an item; unique within its response. */
export function itemId(kind: OutputItem["kind"], responseId: string, index: number): string {
  const suffix = `${responseId}_${index}`;
  if (kind === "text") return `msg_${suffix}`;
  return kind === "thinking" ? `${OWN_REASONING_ID}_${suffix}` : `fc_${suffix}`;
}

/** An item; `in_progress` ones have no content yet. */
export function writeItem(
  item: OutputItem,
  id: string,
  status: "in_progress" | "completed" | "incomplete",
): JsonObject {
  const isBegun = status !== "in_progress";
  switch (item.kind) {
    case "text":
      return { id, type: "message", status, role: "assistant", content: isBegun ? [writeContent(item)] : [] };
    case "thinking":
      return {
        id,
        type: "reasoning",
        summary: isBegun && item.text !== "" ? [{ type: "summary_text", text: item.text }] : [],
        ...(item.signature === undefined ? {} : { encrypted_content: item.signature }),
      };
    case "tool-call":
      return {
        id,
        type: "function_call",
        status,
        call_id: item.id,
        name: item.name,
        arguments: isBegun ? item.argumentsText : "",
      };
    default:
      return assertNever(item);
  }
}

/** The one content part of a message. */
export function writeContent({ text, isRefusal }: { readonly text: string; readonly isRefusal: boolean }): JsonObject {
  return isRefusal ? { type: "refusal", refusal: text } : { type: "output_text", text, annotations: [], logprobs: [] };
}

/** How far a response is. */
export type ResponseState =
  | { readonly kind: "in_progress" }
  | {
      readonly kind: "ended";
      readonly end: NormalEnd;
      readonly hasOwnRefusal: boolean;
      readonly usage: TokenUsage | undefined;
    };

/** The status and the reason of an incomplete response. */
export function responseStatus(state: ResponseState): { readonly status: string; readonly reason: string | undefined } {
  if (state.kind === "in_progress") return { status: "in_progress", reason: undefined };
  if (state.end === "length") return { status: "incomplete", reason: "max_output_tokens" };
  if (state.end === "refused" && !state.hasOwnRefusal) return { status: "incomplete", reason: "content_filter" };
  return { status: "completed", reason: undefined };
}

/** The whole object. */
export function writeResponse(
  identity: AnswerIdentity,
  output: readonly JsonObject[],
  state: ResponseState,
): JsonObject {
  const { status, reason } = responseStatus(state);
  return {
    id: identity.id,
    object: "response",
    created_at: identity.createdSeconds,
    status,
    background: false,
    error: null,
    incomplete_details: reason === undefined ? null : { reason },
    instructions: null,
    max_output_tokens: null,
    metadata: {},
    model: identity.model,
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: false,
    temperature: null,
    text: { format: { type: "text" } },
    tool_choice: "auto",
    tools: [],
    top_p: null,
    truncation: "disabled",
    usage: state.kind === "ended" && state.usage ? writeResponsesUsage(state.usage) : null,
    user: null,
  };
}
