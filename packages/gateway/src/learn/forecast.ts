// What is foretold of one call when it arrives. Kept with the call: the scheduler orders by it, and at its end it is compared with what came.
import type { OutputPrediction, RequestTraits } from "@flyball/traffic";

/** A forecast. */
export interface Forecast {
  readonly traits: RequestTraits;
  readonly prediction: OutputPrediction;
  /** Tokens of the prompt, as they are on average for so many bytes; never above what the ledger reserves. */
  readonly inputTokens: number;
}
