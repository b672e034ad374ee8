// The paths of the model API that are served, and what each means.

/** One operation of the model API. */
export type ModelOperation =
  | { readonly kind: "list" }
  | { readonly kind: "retrieve"; readonly model: string }
  /** A call that can be translated into other dialects. */
  | {
      readonly kind: "call";
      readonly face: "openai-chat" | "openai-responses" | "anthropic-messages";
      readonly path: string;
    }
  /** A call that only a backend of the same API can answer; its body is JSON with a `model`. */
  | { readonly kind: "same-api"; readonly face: "openai-chat" | "anthropic-messages"; readonly path: string }
  /** As before, with the model in a form field. */
  | { readonly kind: "form"; readonly path: string };

/** Every operation that is a call, by its path below the base of the API. */
export const MODEL_CALLS: ReadonlyMap<string, ModelOperation> = new Map<string, ModelOperation>([
  ["/chat/completions", { kind: "call", face: "openai-chat", path: "/chat/completions" }],
  ["/responses", { kind: "call", face: "openai-responses", path: "/responses" }],
  ["/messages", { kind: "call", face: "anthropic-messages", path: "/messages" }],
  ["/messages/count_tokens", { kind: "same-api", face: "anthropic-messages", path: "/messages/count_tokens" }],
  ...["/completions", "/embeddings", "/images/generations", "/audio/speech", "/moderations", "/rerank"].map(
    (path): [string, ModelOperation] => [path, { kind: "same-api", face: "openai-chat", path }],
  ),
  ...["/audio/transcriptions", "/audio/translations", "/images/edits", "/images/variations"].map(
    (path): [string, ModelOperation] => [path, { kind: "form", path }],
  ),
]);

/**
 * What a path (without query) asks for; undefined when it is no operation. With and without `/v1`, because a route may strip its
 * prefix.
 */
export function modelOperation(method: string, path: string): ModelOperation | undefined {
  const rest = path.startsWith("/v1/") ? path.slice(3) : path;
  const call = MODEL_CALLS.get(rest);
  if (call) return method === "POST" ? call : undefined;
  if (method !== "GET" && method !== "HEAD") return undefined;
  if (rest === "/models") return { kind: "list" };
  if (!rest.startsWith("/models/")) return undefined;
  try {
    return { kind: "retrieve", model: decodeURIComponent(rest.slice("/models/".length)) };
  } catch {
    return undefined;
  }
}
