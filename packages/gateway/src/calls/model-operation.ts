// The paths of the model API that are served, and what each means.

/**
 * What an operation answers with, which decides how its tokens are bounded and counted. text: what a model writes, up to a bound in the
 * request. none: numbers and verdicts, no token goes out. free: nothing is used at all. transcript: text without a bound, as long as the
 * sound that it is made of.
 */
export type OperationOutput = "text" | "none" | "free" | "images" | "speech" | "transcript";

/** One operation of the model API. */
export type ModelOperation =
  | { readonly kind: "list" }
  | { readonly kind: "retrieve"; readonly model: string }
  /** A call that can be translated into other dialects. */
  | {
      readonly kind: "call";
      readonly face: "openai-chat" | "openai-responses" | "anthropic-messages";
      readonly path: string;
      readonly output: "text";
    }
  /** A call that only a backend of the same API can answer; its body is JSON with a `model`. */
  | {
      readonly kind: "same-api";
      readonly face: "openai-chat" | "anthropic-messages";
      readonly path: string;
      readonly output: OperationOutput;
    }
  /** As before, with the model in a form field. */
  | { readonly kind: "form"; readonly path: string; readonly output: "images" | "transcript" };

/** Counts the tokens of a call that is not sent. */
export const COUNT_PATH = "/messages/count_tokens";

/** Every operation that is a call, by its path below the base of the API. */
export const MODEL_CALLS: ReadonlyMap<string, ModelOperation> = new Map(
  (
    [
      { kind: "call", face: "openai-chat", path: "/chat/completions", output: "text" },
      { kind: "call", face: "openai-responses", path: "/responses", output: "text" },
      { kind: "call", face: "anthropic-messages", path: "/messages", output: "text" },
      { kind: "same-api", face: "anthropic-messages", path: COUNT_PATH, output: "free" },
      { kind: "same-api", face: "openai-chat", path: "/completions", output: "text" },
      { kind: "same-api", face: "openai-chat", path: "/embeddings", output: "none" },
      { kind: "same-api", face: "openai-chat", path: "/moderations", output: "none" },
      { kind: "same-api", face: "openai-chat", path: "/rerank", output: "none" },
      { kind: "same-api", face: "openai-chat", path: "/images/generations", output: "images" },
      { kind: "same-api", face: "openai-chat", path: "/audio/speech", output: "speech" },
      { kind: "form", path: "/audio/transcriptions", output: "transcript" },
      { kind: "form", path: "/audio/translations", output: "transcript" },
      { kind: "form", path: "/images/edits", output: "images" },
      { kind: "form", path: "/images/variations", output: "images" },
    ] as const satisfies readonly ModelOperation[]
  ).map((operation) => [operation.path, operation]),
);

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
