// Where a call goes under a backend's address. Azure names the deployment in the path and its version in the query, unless the address
// is that of its newer API, which is OpenAI's own form.
import type { ProviderTraits } from "./provider-traits.ts";

/** Beside the API and not below it. */
export const TOKENIZE_PATH = "/tokenize";

/** The path with query; `basePath` without a slash at its end, `path` with one at its beginning. */
export function backendPath(traits: ProviderTraits, basePath: string, path: string, model: string): string {
  if (path === TOKENIZE_PATH) return basePath.replace(/\/v1$/, "") + path;
  if (traits.pathForm === "openai" || basePath.endsWith("/openai/v1")) return basePath + path;
  const root = basePath.endsWith("/openai") ? basePath : `${basePath}/openai`;
  return `${root}/deployments/${encodeURIComponent(model)}${path}?api-version=${traits.apiVersion ?? ""}`;
}
