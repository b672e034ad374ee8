// The paths of the OpenAI API that are served, and what each means.

/** One operation of the model API. */
export type ModelOperation =
  | { readonly kind: "list" }
  | { readonly kind: "retrieve"; readonly model: string }
  /** A call that goes to a backend under the same path. */
  | { readonly kind: "call"; readonly path: "/chat/completions" | "/completions" | "/embeddings" };

/**
 * What a path (without query) asks for; undefined when it is no operation. With and without `/v1`, because a route may strip its
 * prefix.
 */
export function modelOperation(method: string, path: string): ModelOperation | undefined {
  const rest = path.startsWith("/v1/") ? path.slice(3) : path;
  if (rest === "/chat/completions" || rest === "/completions" || rest === "/embeddings") {
    return method === "POST" ? { kind: "call", path: rest } : undefined;
  }
  if (method !== "GET" && method !== "HEAD") return undefined;
  if (rest === "/models") return { kind: "list" };
  if (!rest.startsWith("/models/")) return undefined;
  try {
    return { kind: "retrieve", model: decodeURIComponent(rest.slice("/models/".length)) };
  } catch {
    return undefined;
  }
}

/** One entry of the list. `created` is the start of what serves it, in seconds. */
export function modelEntry(name: string, createdSeconds: number): object {
  return { id: name, object: "model", created: createdSeconds, owned_by: "flyball" };
}
