// The trace headers of an attempt at a backend. With traces each attempt is a span of its own; without, what the client sent goes through
// unchanged, because a span that nobody records would tear its trace. A provider outside is told nothing of either.
import type { Endpoint } from "../worker/endpoint.ts";
import type { Exchange } from "../stages/exchange.ts";

/** Headers that are written here and nowhere copied from the client. */
export const TRACE_HEADERS = ["traceparent", "tracestate"] as const;

/** Name, value, name, value. To be called once for each attempt that has begun. */
export function traceHeaders(exchange: Exchange, endpoint: Endpoint, isProvider: boolean): readonly string[] {
  const { trace, context, request } = exchange;
  const { traceparent, tracestate } = request.headers;
  const parent = trace && context.tracer ? context.tracer.beginAttempt(trace, endpoint.authority) : traceparent;
  if (isProvider || typeof parent !== "string") return [];
  const hasState = typeof tracestate === "string" && (trace === undefined || trace.parentSpanId !== undefined);
  return hasState ? ["traceparent", parent, "tracestate", tracestate] : ["traceparent", parent];
}
