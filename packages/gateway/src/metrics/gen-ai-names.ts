// The names that OpenTelemetry's conventions for generative AI have for operations and providers. Where they have none, ours stand: the
// conventions allow it. Source: semantic-conventions-genai, gen-ai-spans.md, 2026.

const OPERATIONS: ReadonlyMap<string, string> = new Map([
  ["/chat/completions", "chat"],
  ["/responses", "chat"],
  ["/messages", "chat"],
  ["/messages/count_tokens", "count_tokens"],
  ["/completions", "text_completion"],
  ["/embeddings", "embeddings"],
  ["/images/generations", "image_generation"],
  ["/images/edits", "image_edit"],
  ["/images/variations", "image_variation"],
  ["/audio/speech", "speech"],
  ["/audio/transcriptions", "transcription"],
  ["/audio/translations", "audio_translation"],
  ["/moderations", "moderation"],
  ["/rerank", "rerank"],
]);

/** The operation of a path below the API's base: `/chat/completions` is `chat`. */
export function operationName(path: string): string {
  return OPERATIONS.get(path) ?? "other";
}

const PROVIDERS: ReadonlyMap<string, string> = new Map([
  ["azure", "azure.ai.openai"],
  ["mistral", "mistral_ai"],
  ["moonshot", "moonshot_ai"],
  // A service of the app: what runs in it is its own matter.
  ["", "flyball"],
]);

/** The name of a provider of the ledger. */
export function providerName(provider: string): string {
  return PROVIDERS.get(provider) ?? provider;
}
