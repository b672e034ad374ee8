// What is known of a model call whose bytes are kept. Values that are rarely needed stay spans of the body.

/** A value of the body: its bytes with their quotes or brackets, and where its key begins. */
export interface ValueSpan {
  readonly keyStart: number;
  readonly start: number;
  readonly end: number;
}

/** A call that can be routed. */
export interface CallScan {
  readonly kind: "found";
  readonly model: string;
  readonly modelSpan: ValueSpan;
  readonly isStream: boolean;
  /** Behind the opening brace. */
  readonly insertAt: number;
  /** The client asked for usage in its stream, or its dialect always has it. */
  readonly wantsUsage: boolean;
  readonly streamOptionsSpan: ValueSpan | undefined;
  /** The bound of the output; the smaller one where two fields name it. */
  readonly maxTokens: number | undefined;
  /** Every field that bounds the output, by the name that the client wrote. */
  readonly maxTokensSpans: readonly (ValueSpan & { readonly name: string })[];
  /** Answers asked for (`n`; for completions also `best_of`); 1 when absent. */
  readonly choices: number;
  readonly hasTools: boolean;
  readonly hasLogprobs: boolean;
  /** A schema, a grammar, a regular expression: the output cannot be resumed. */
  readonly hasOutputGrammar: boolean;
  /** It uses or makes state at the provider (`previous_response_id`, `conversation`, `background`): no other backend can serve it. */
  readonly isStateful: boolean;
  /** Some part of the prompt may be no text. */
  readonly mayHoldMedia: boolean;
  /** Of a body that was scanned in slices: how many values it has, those inside others too. 0 for any other one, which has few. */
  readonly values: number;
  /** Of a form: its files and their bytes together. */
  readonly files: number;
  readonly fileBytes: number;
  /** The list of messages, of Responses the input, which may be one text; undefined where the call has none. */
  readonly messages: ValueSpan | undefined;
  /** The system prompt, where it is a member of its own. */
  readonly system: ValueSpan | undefined;
  /**
   * A cut answer may be continued elsewhere: a stream of one answer without tools, logprobs, grammar and state, whose end the client
   * does not build itself. Whether the last message allows it says `canContinue`.
   */
  readonly isResumable: boolean;
  readonly stop: ValueSpan | undefined;
  readonly priority: ValueSpan | undefined;
  readonly cacheSalt: ValueSpan | undefined;
  /** The client's own id of its end user. */
  readonly user: ValueSpan | undefined;
  readonly metadata: ValueSpan | undefined;
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  /** As text: an int64 does not fit a number. */
  readonly seed: string | undefined;
}

/** What is changed on the way to a backend. */
export interface CallEdits {
  readonly model: string;
  /** inject: `include_usage` is set to true in a stream. remove: the backend takes no `stream_options`. */
  readonly streamOptions?: "keep" | "inject" | "remove";
  /** The bound of the output is written as this. */
  readonly maxTokens?: number | undefined;
  /**
   * Chat only, where there are two: the name under which the bound is written. Without it the client's name stays, and a bound that it
   * did not send is `max_tokens`.
   */
  readonly maxTokensField?: string | undefined;
  /** JSON text of the backend's own priority. */
  readonly priority?: string | undefined;
  /** Takes the place of the client's own. */
  readonly cacheSalt?: string | undefined;
}

/** A body that cannot be routed. */
export interface ScanFault {
  readonly kind: "invalid";
  readonly reason: string;
}
