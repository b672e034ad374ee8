// One request of a trace. What a router may see stands apart from what only the engine knows: the true number of output tokens.

/** What a gateway can see of a request when it arrives. */
export interface SimRequest {
  /** Its place in the workload, from 0. */
  readonly id: number;
  /** Milliseconds from the start of the workload. */
  readonly arrivedAt: number;
  /** Who asks, as far as the trace tells: the key. `""`: it does not tell. */
  readonly client: string;
  /** The account that the key belongs to; `""`: none is declared, so all keys belong to one. */
  readonly tenant: string;
  readonly model: string;
  readonly route: string;
  /** 0 = highest class. */
  readonly classIndex: number;
  readonly inputTokens: number;
  /** The client's own bound of the output; undefined: none. */
  readonly maxOutputTokens: number | undefined;
  /** Ids of the prompt's full blocks, each naming the whole prefix up to it. Empty where the trace tells of no sharing. */
  readonly blocks: readonly number[];
}

/** With what the client will get: for the engine, never for a router. */
export interface TraceRequest extends SimRequest {
  readonly outputTokens: number;
}

/** A row that could not be read. */
export interface TraceProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The column or field that is wrong, where it is one. */
  readonly field?: string;
  /** What stands there, cut to what fits a line. */
  readonly seen?: string;
  readonly reason: string;
}

/** A row left out on purpose; the name says why. */
export type SkipReason = "zero-input-tokens" | "zero-output-tokens" | "not-answered";

/** What a file held. */
export interface Trace {
  readonly name: string;
  /** By arrival, the first at 0. */
  readonly requests: readonly TraceRequest[];
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** The first hundred; `problemCount` counts all. */
  readonly problems: readonly TraceProblem[];
  readonly problemCount: number;
  /** Tokens of one block; 0: no request has blocks. */
  readonly blockTokens: number;
}
