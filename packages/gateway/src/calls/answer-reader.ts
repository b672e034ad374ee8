// How one attempt's answer is read: what each piece means to the stream machine, and which bytes the client gets for it. The machine
// knows no dialect; a reader knows nothing of attempts, clients and time.
import type { TokenUsage } from "@flyball/core";
import type { EventReading } from "../dialects/dialect.ts";
import type { ProviderError } from "../dialects/provider-error.ts";

/** What one piece of a stream means. */
export interface AnswerStep {
  readonly kind: EventReading["kind"];
  /** Something in it is content, whatever follows. */
  readonly hasContent: boolean;
  /** For the client; empty when it gets nothing. With an error: what came whole before it. */
  readonly bytes: Buffer;
  readonly usage?: TokenUsage | undefined;
  readonly reason?: string | undefined;
  readonly error?: ProviderError | undefined;
}

/** Reads the stream of one attempt. */
export interface StreamAnswerReader {
  /** Complete frames; nothing is read after an error or an end. */
  read(frames: Buffer): AnswerStep;
  /** The transport ended in order; `rest` is what stands behind the last frame. An error when the answer was not whole. */
  close(rest: Buffer): AnswerStep;
}

/** What a whole answer means. */
export type WholeAnswer =
  | { readonly kind: "answer"; readonly bytes: Buffer; readonly usage: TokenUsage | undefined }
  | { readonly kind: "failed"; readonly reason: string; readonly error: ProviderError | undefined };

/** Nothing for the client. */
export const NO_BYTES: Buffer = Buffer.alloc(0);
