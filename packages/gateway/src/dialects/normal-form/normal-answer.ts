// A whole answer in the normal form.
import type { TokenUsage } from "@flyball/core";
import type { NormalText, NormalThinking, NormalToolCall } from "./normal-request.ts";

/** Why an answer ended. `refused`: the provider's content filter or the model itself declined. */
export type NormalEnd = "stop" | "stop-sequence" | "length" | "tool-calls" | "refused";

/** An answer; one choice, which is all that every dialect has. */
export interface NormalAnswer {
  /** The provider's id. */
  readonly id: string;
  /** The provider's own name of the model. */
  readonly model: string;
  readonly parts: readonly (NormalText | NormalThinking | NormalToolCall)[];
  readonly end: NormalEnd;
  /** The stop sequence that was hit, where the provider tells. */
  readonly stopSequence: string | undefined;
  readonly usage: TokenUsage | undefined;
}
