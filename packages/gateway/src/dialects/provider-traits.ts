// What a provider can and cannot do, as plain data. Code asks for a trait, never for a provider's name.
import type { DialectName } from "./dialect.ts";

/** How a backend differs from the plain OpenAI form. */
export interface ProviderTraits {
  readonly provider: string;
  readonly dialect: DialectName;
  /** Used when the manifest names no address; undefined: the manifest must. Ends before `/chat/completions` or `/messages`. */
  readonly baseUrl: string | undefined;
  /** `bearer`: Authorization; `x-api-key` and `api-key`: headers of these names. */
  readonly keyHeader: "bearer" | "x-api-key" | "api-key";
  /** `openai`: the path under the base. `azure-deployment`: Azure's own, see `backend-path.ts`. */
  readonly pathForm: "openai" | "azure-deployment";
  /** The version that an Azure deployment is called with. */
  readonly apiVersion: string | undefined;
  /** Sent with every call. */
  readonly headers: readonly string[];
  /** It knows `stream_options.include_usage`; where false, sending it is an error. */
  readonly hasStreamOptions: boolean;
  /** The name that it takes for the bound of the output. */
  readonly maxTokensField: "max_tokens" | "max_completion_tokens";
  readonly hasTools: boolean;
  readonly hasParallelTools: boolean;
  readonly hasImages: boolean;
  /**
   * The most tokens that one image of a prompt may come to, by the beginning of the model's name; the first that fits counts, and the last
   * fits all (`""`).
   */
  readonly imageTokens: readonly { readonly models: string; readonly tokens: number }[];
  readonly hasJsonSchema: boolean;
  readonly hasResponses: boolean;
  readonly hasEmbeddings: boolean;
  /**
   * How it counts the tokens of a call that is not sent: by Anthropic's `/messages/count_tokens`, or by `/tokenize` beside its API, which
   * takes a chat and counts it with the model's own template; undefined: it does not.
   */
  readonly countTokens: "count_tokens" | "tokenize" | undefined;
  /** It takes an id of the end user; where false, sending one is an error. */
  readonly hasUser: boolean;
  /** It takes the sampling bound `top_k` beside OpenAI's own. */
  readonly hasTopK: boolean;
  /** Where reasoning stands in messages and deltas; undefined: it shows none. Readers take both names from anyone. */
  readonly reasoningField: "reasoning_content" | "reasoning" | undefined;
  /**
   * How reasoning is asked for: `reasoning_effort`; `thinking: {type}`; `enable_thinking` with `thinking_budget`; undefined: it cannot
   * be, and an effort is dropped.
   */
  readonly reasoningRequest: "reasoning-effort" | "thinking-type" | "enable-thinking" | undefined;
  /** How an answer is continued from the text so far; undefined: it cannot be. */
  readonly resume: "continue-final-message" | "assistant-prefill" | undefined;
  /** The only path before `/chat/completions` under which it can be continued; undefined: any. */
  readonly resumeBasePath: string | undefined;
  /** For assistant-prefill: the member of the last message that asks for it; undefined: the message alone does. */
  readonly prefillMember: "prefix" | "partial" | undefined;
  /** The sense of its `priority` field: vLLM takes lower first, SGLang higher first; undefined: it has none. */
  readonly priorityOrder: "lower-first" | "higher-first" | undefined;
  /** Its prompt cache can be kept apart with `cache_salt`. */
  readonly hasCacheSalt: boolean;
}
