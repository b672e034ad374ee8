// What `flyball models predict` shows: how long answers are expected to be and how well that came true, and what was learned of the endpoints that
// give them. Answer of GET /v1/predictions, and of /predictions on the gateway's admin listener.

/** All of it. */
export interface PredictionStatus {
  /** The one with the most answers first. */
  readonly models: readonly ModelPrediction[];
  readonly endpoints: readonly EndpointPrediction[];
  /** Engines whose metrics are read, and those that answered the last time. */
  readonly engines: { readonly answering: number; readonly asked: number };
}

/** One model alias. Shares are 0–1; all of the gateway's workers together. */
export interface ModelPrediction {
  readonly model: string;
  /** Answers learned from so far. */
  readonly answers: number;
  /** The last ones of them, from which the following is computed; at most 1,024 of each worker. */
  readonly count: number;
  /** Share of answers that were no longer than foretold: 0.5 and 0.9 would be right. */
  readonly shareWithinP50: number;
  readonly shareWithinP90: number;
  /** Order of p50 against the order of the answers, −1 … 1; 0 without any relation. */
  readonly kendallTau: number;
  /** Half of the answers differed from p50 by no more than this factor (≥ 1). */
  readonly medianErrorFactor: number;
  /** How much history makes a level count as much as all that are more general; large: its trait says nothing here. */
  readonly levels: readonly { readonly level: string; readonly evenAnswers: number }[];
}

/** One endpoint of the app's own model servers. */
export interface EndpointPrediction {
  readonly endpoint: string;
  /** Milliseconds of engine time: per prompt token, per output token, per output token and token of context. */
  readonly rates: { readonly prefillMs: number; readonly decodeMs: number; readonly contextMs: number };
  /** Requests at once; null: the manifest says how many. */
  readonly activeCap: number | null;
  readonly capReason: string | null;
  /** Tokens that fit in its memory; null: it does not say. */
  readonly kvTokenCap: number | null;
  /** Requests at the engine that came from elsewhere. */
  readonly foreignRunning: number;
  /** Samples behind the rates. */
  readonly firstTokens: number;
  readonly tokenGaps: number;
}
