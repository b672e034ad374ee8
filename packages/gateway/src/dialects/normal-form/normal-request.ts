// A model call in the normal form: what every dialect can say, in one shape. It is made only when client and backend speak different
// dialects. Strings of tool arguments are never parsed and written again.

/** A call. */
export interface NormalRequest {
  readonly messages: readonly NormalMessage[];
  /** Instructions before the conversation; several are joined by a blank line where the dialect has one place only. */
  readonly system: readonly NormalText[];
  readonly tools: readonly NormalTool[];
  readonly toolChoice: NormalToolChoice | undefined;
  /** false: at most one tool call an answer. */
  readonly allowsParallelTools: boolean | undefined;
  readonly maxOutputTokens: number | undefined;
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  readonly topK: number | undefined;
  readonly stop: readonly string[];
  readonly responseFormat: NormalResponseFormat | undefined;
  readonly reasoning: NormalReasoning | undefined;
  readonly isStream: boolean;
  /** An opaque id of the end user. */
  readonly user: string | undefined;
  readonly seed: number | undefined;
  readonly frequencyPenalty: number | undefined;
  readonly presencePenalty: number | undefined;
}

/** One turn. */
export type NormalMessage =
  | { readonly role: "user"; readonly parts: readonly (NormalText | NormalImage | NormalDocument)[] }
  | { readonly role: "assistant"; readonly parts: readonly (NormalText | NormalThinking | NormalToolCall)[] }
  /** Instructions in the middle of the conversation. */
  | { readonly role: "system"; readonly parts: readonly NormalText[] }
  | { readonly role: "tool"; readonly results: readonly NormalToolResult[] };

/** Text; `isCachePoint` marks the end of a prefix that the provider is asked to cache. */
export interface NormalText {
  readonly kind: "text";
  readonly text: string;
  readonly isCachePoint?: boolean;
  /** In answers: the model's own words of refusal. */
  readonly isRefusal?: boolean;
}

/** An image by URL or inline. */
export interface NormalImage {
  readonly kind: "image";
  readonly source:
    | { readonly kind: "url"; readonly url: string }
    | { readonly kind: "inline"; readonly mediaType: string; readonly base64: string };
  readonly isCachePoint?: boolean;
}

/** A document, inline. */
export interface NormalDocument {
  readonly kind: "document";
  readonly mediaType: string;
  readonly base64: string;
  readonly name: string | undefined;
  readonly isCachePoint?: boolean;
}

/**
 * Reasoning, with the provider's signature, without which it may not be sent back. A signature is opaque: each provider reads its own
 * only.
 */
export interface NormalThinking {
  readonly kind: "thinking";
  readonly text: string;
  readonly signature: string | undefined;
  /** Encrypted reasoning that only its provider can read. */
  readonly redacted?: string;
}

/** A tool call of the assistant. */
export interface NormalToolCall {
  readonly kind: "tool-call";
  readonly id: string;
  readonly name: string;
  /** JSON text as the model wrote it; `""` counts as `{}`. */
  readonly argumentsText: string;
}

/** What a tool gave back. */
export interface NormalToolResult {
  readonly callId: string;
  readonly parts: readonly (NormalText | NormalImage)[];
  readonly isError: boolean;
}

/** A function that the model may call. */
export interface NormalTool {
  readonly name: string;
  readonly description: string | undefined;
  /** JSON Schema. */
  readonly parameters: unknown;
  readonly isStrict: boolean | undefined;
  readonly isCachePoint?: boolean;
}

/** Which tool is to be called. */
export type NormalToolChoice =
  | { readonly kind: "auto" | "none" | "required" }
  | { readonly kind: "tool"; readonly name: string };

/** The form of the answer. */
export type NormalResponseFormat =
  | { readonly kind: "json" }
  | {
      readonly kind: "schema";
      readonly name: string;
      readonly schema: unknown;
      readonly isStrict: boolean | undefined;
    };

/** How much the model is to think: an effort, or a number of tokens. */
export type NormalReasoning =
  | { readonly kind: "effort"; readonly effort: ReasoningEffort }
  | { readonly kind: "budget"; readonly tokens: number };

/** The efforts of OpenAI; Anthropic has those from low on. */
export type ReasoningEffort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";
