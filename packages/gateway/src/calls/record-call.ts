// What the gateway tells about a model call that was settled: its metrics, and its spans where its trace is kept.
import type { LedgerRecord } from "@flyball/core";
import { operationName } from "../metrics/gen-ai-names.ts";
import type { Exchange } from "../stages/exchange.ts";

/** Tells it, once. */
export function recordCall(exchange: Exchange, record: LedgerRecord): void {
  const { context, trace, call } = exchange;
  if (!call) return;
  const { isStream, maxTokens, temperature, topP, seed, choices } = call.scan;
  const operation = operationName(call.face.path);
  context.metrics.calls.add(record, { operation, isStream });
  if (!trace?.isSampled) return;
  const asked = { operation, isStream, maxTokens, temperature, topP, seed, choices };
  context.tracer?.add({ record, trace, asked });
}
