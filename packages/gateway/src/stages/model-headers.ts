// Headers of a model call on its way to a backend. The client's key stays here; a provider outside gets only what the API needs.
import type { Endpoint } from "../worker/endpoint.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import type { Exchange } from "./exchange.ts";
import { buildUpstreamHeaders } from "./upstream-headers.ts";

const NOT_FOR_BACKENDS: ReadonlySet<string> = new Set(["authorization", "x-api-key", "accept-encoding", "cookie"]);

const FOR_PROVIDERS: ReadonlySet<string> = new Set([
  "content-type",
  "accept",
  "user-agent",
  "idempotency-key",
  "openai-beta",
]);

/** The flat list. */
export function modelHeaders(exchange: Exchange, backend: ServingBackend, endpoint: Endpoint): string[] {
  const extra = ["accept-encoding", "identity"];
  if (backend.authorization !== undefined) extra.push("authorization", backend.authorization);
  return buildUpstreamHeaders(exchange, {
    isWholeBody: true,
    without: NOT_FOR_BACKENDS,
    authority: endpoint.authority,
    extra,
    ...(backend.pool.isProvider ? { only: FOR_PROVIDERS } : {}),
  });
}
