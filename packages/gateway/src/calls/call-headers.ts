// Headers of a model call on its way to a backend. The client's key stays here; a provider outside gets only what the API needs.
import type { Endpoint } from "../worker/endpoint.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import type { Exchange } from "../stages/exchange.ts";
import { buildUpstreamHeaders } from "../stages/upstream-headers.ts";
import { TRACE_HEADERS, traceHeaders } from "../traces/trace-headers.ts";
import type { BackendRequest } from "./backend-request.ts";

const NOT_FOR_BACKENDS: ReadonlySet<string> = new Set([
  "authorization",
  "x-api-key",
  "api-key",
  "accept-encoding",
  "cookie",
  ...TRACE_HEADERS,
]);

/** A translated call is another request: what its client said about its own dialect means nothing there. */
const NOT_FOR_TRANSLATED: ReadonlySet<string> = new Set([
  ...NOT_FOR_BACKENDS,
  "anthropic-version",
  "anthropic-beta",
  "openai-beta",
  "openai-organization",
  "openai-project",
  "content-type",
  "accept",
]);

const FOR_PROVIDERS: ReadonlySet<string> = new Set([
  "content-type",
  "accept",
  "user-agent",
  "idempotency-key",
  "openai-beta",
  "anthropic-version",
  "anthropic-beta",
]);
const FOR_TRANSLATED_PROVIDERS: ReadonlySet<string> = new Set(["user-agent", "idempotency-key"]);

/** The flat list. */
export function callHeaders(
  exchange: Exchange,
  {
    backend,
    endpoint,
    request,
  }: { readonly backend: ServingBackend; readonly endpoint: Endpoint; readonly request: BackendRequest },
): string[] {
  const { isTranslated } = request;
  const { isProvider } = backend.pool;
  const extra = ["accept-encoding", "identity", ...request.headers, ...traceHeaders(exchange, endpoint, isProvider)];
  if (isTranslated) extra.push("content-type", "application/json");
  if (backend.keyHeader) extra.push(backend.keyHeader.name, backend.keyHeader.value);
  const only = isTranslated ? FOR_TRANSLATED_PROVIDERS : FOR_PROVIDERS;
  return buildUpstreamHeaders(exchange, {
    isWholeBody: true,
    without: isTranslated ? NOT_FOR_TRANSLATED : NOT_FOR_BACKENDS,
    authority: endpoint.authority,
    extra,
    only: isProvider ? only : undefined,
  });
}
