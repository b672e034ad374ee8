// What a model server asks of an engine. The server knows the OpenAI dialect and nothing of models; an engine knows
// text and nothing of HTTP. A new engine is one folder that returns this object.

/** One message of a conversation, its content parts already joined. */
export interface ChatMessage {
  readonly role: string;
  readonly text: string;
}

/** A validated request, as the engine sees it. */
export interface GenerationRequest {
  readonly messages: readonly ChatMessage[];
  /** Upper bound of generated tokens; undefined leaves it to the engine. The server enforces it. */
  readonly maxTokens: number | undefined;
  /** Texts before which the generation ends. The server enforces them. */
  readonly stop: readonly string[];
  /** vLLM's field: lower goes first, 0 where the request says nothing. */
  readonly priority?: number | undefined;
  /** The beginning of the answer, which is there already: the generation goes on behind it. It is in none of the messages. */
  readonly continuedText?: string | undefined;
  /** The length that a load test wants of a simulated answer; every other engine takes no notice. */
  readonly simulatedOutputTokens?: number | undefined;
}

/** A piece of generated text and how many tokens it is in the engine's own counting. */
export interface GeneratedPiece {
  readonly text: string;
  readonly tokens: number;
}

/** Whether the engine takes a request, known at once and before any byte of a response. */
export type Admission =
  | {
      readonly outcome: "admitted";
      readonly promptTokens: number;
      /** Ends after the last piece; throws when the engine breaks; ends early when the signal aborts. */
      readonly pieces: AsyncIterable<GeneratedPiece>;
    }
  /** Every place is taken, those in the waiting queue too. */
  | { readonly outcome: "saturated" }
  /** The prompt and the wished answer never fit, even into an idle engine. */
  | { readonly outcome: "too-long"; readonly explanation: string }
  /** A field asks for what this engine was not started for. */
  | { readonly outcome: "unsupported"; readonly field: string; readonly explanation: string };

/** What the engine holds at this moment. */
export interface EngineLoad {
  readonly running: number;
  readonly waiting: number;
  /** Share of the key-value memory in use, 0 to 1; 0 for an engine that has none. */
  readonly kvUsage: number;
  /** Absent for an engine that has no key-value memory. */
  readonly memory?: EngineMemory;
}

/** The key-value memory of an engine and what has happened in it since the start. */
export interface EngineMemory {
  /** Requests that were pushed out and had to read everything again. */
  readonly preemptions: number;
  /** Prompt tokens looked up in the prefix cache, and those found. */
  readonly cacheQueries: number;
  readonly cacheHits: number;
  readonly blocks: number;
  readonly blockTokens: number;
  readonly hasPrefixCache: boolean;
}

/** An engine behind the OpenAI-compatible server. */
export interface Engine {
  /** Fields that every completion object of this engine carries beside OpenAI's, for example who answered. */
  readonly completionFields: Readonly<Record<string, string>>;
  /** True once requests can be served; `/health` says the same. */
  isReady(): boolean;
  load(): EngineLoad;
  /** Takes or refuses one request. The signal aborts when the client has left; the engine then frees everything at once. */
  generate(request: GenerationRequest, signal: AbortSignal): Admission;
}
