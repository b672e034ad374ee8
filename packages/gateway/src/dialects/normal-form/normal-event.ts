// What a stream says, one step at a time, in the normal form. Parts are numbered from 0 in the order in which they begin; a part's deltas
// come between its begin and its end; parallel tool calls may be interleaved.
import type { TokenUsage } from "@flyball/core";
import type { NormalEnd } from "./normal-answer.ts";

/** One step of a streamed answer. */
export type NormalEvent =
  /** The first event. Input usage is there when the provider tells it at the beginning. */
  | { readonly kind: "begin"; readonly id: string; readonly model: string; readonly usage: TokenUsage | undefined }
  | { readonly kind: "part-begin"; readonly part: number; readonly opens: NormalPartOpening }
  | { readonly kind: "text"; readonly part: number; readonly text: string }
  | { readonly kind: "thinking"; readonly part: number; readonly text: string }
  /** The whole signature, once, before the part ends. */
  | { readonly kind: "signature"; readonly part: number; readonly signature: string }
  /** A piece of the JSON text of a tool call's arguments. */
  | { readonly kind: "arguments"; readonly part: number; readonly text: string }
  | { readonly kind: "part-end"; readonly part: number }
  | { readonly kind: "end"; readonly end: NormalEnd; readonly stopSequence: string | undefined }
  /** Cumulative; the last one counts. May come before or after `end`. */
  | { readonly kind: "usage"; readonly usage: TokenUsage }
  /** The stream is whole; nothing follows. */
  | { readonly kind: "done" };

/** How a part begins. */
export type NormalPartOpening =
  | { readonly kind: "text"; readonly isRefusal?: boolean }
  | { readonly kind: "thinking"; readonly redacted?: string }
  | { readonly kind: "tool-call"; readonly id: string; readonly name: string };
