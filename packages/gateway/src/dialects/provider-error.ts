// What a provider's error means, whatever its words. Routing needs five meanings: go to a larger model, do not route around a refusal,
// rest for long, rest for as long as told, and everything else.

/** Why a provider declined a call. */
export type ErrorMeaning =
  /** The prompt is longer than the model takes. */
  | "context-length"
  /** A content filter; the answer of another backend would go round it. */
  | "content-filter"
  /** Money or quota is used up; comes back by people, not by waiting. */
  | "quota"
  | "rate-limit"
  | "overloaded"
  | "other";

/** An error in a provider's words. */
export interface ProviderError {
  /** Its code, else its type. */
  readonly code: string;
  readonly message: string;
  readonly meaning: ErrorMeaning;
}

// Words of OpenAI, Azure, vLLM, SGLang, llama.cpp, Ollama, Anthropic, DeepSeek, DashScope, Moonshot, Zhipu and Mistral.
const CONTEXT_LENGTH =
  /context[_ ](?:length|window|size)|maximum context|prompt is too long|exceed context limit|exceeds? the (?:model's )?(?:maximum )?(?:context|input length)|longer than the model|too many tokens|range of input length/i;
const CONTENT_FILTER =
  /content_?filter|content_policy|data_?inspection|responsible_?ai|sensitive|content management policy/i;
const QUOTA =
  /insufficient_(?:quota|balance|funds)|billing|arrearage|insufficient balance|credit balance|spend limit|quota_exceeded/i;

/** What it means; `status` 0 for an error inside a stream. */
export function errorMeaning(code: string, message: string, status: number): ErrorMeaning {
  const words = `${code} ${message}`;
  if (status < 500 && CONTEXT_LENGTH.test(words)) return "context-length";
  if (CONTENT_FILTER.test(words)) return "content-filter";
  if (status === 402 || QUOTA.test(words)) return "quota";
  if (status === 429 || /rate_?limit|too many requests/i.test(words)) return "rate-limit";
  if (status === 529 || status === 503 || /overloaded|no capacity|queue is full/i.test(words)) return "overloaded";
  return "other";
}
