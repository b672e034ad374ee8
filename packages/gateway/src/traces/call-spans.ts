// The spans of one model call by OpenTelemetry's conventions for generative AI: `chat {model}` with what was asked, used and answered, and
// one child for each attempt. Usage stands on the call alone, so that a sum over spans counts each token once. Text of prompts, answers
// and stop sequences is no attribute, whatever is configured.
import { inputTokens, outputTokens, type LedgerAttempt, type LedgerRecord } from "@flyball/core";
import { errorTypeOf } from "../metrics/error-type.ts";
import { providerName } from "../metrics/gen-ai-names.ts";
import type { AnswerMarks } from "./answer-marks.ts";
import type { AttemptTrace } from "./call-trace.ts";
import type { AskedCall, FinishedCall } from "./finished-call.ts";
import type { AttributeValue, Span } from "./span.ts";

type Attribute = readonly [string, AttributeValue];

const MILLION = 1_000_000;

/** The call's span, then those of its attempts. */
export function callSpans({ record, trace, asked }: FinishedCall): Span[] {
  const { traceId, spanId, parentSpanId, attempts } = trace;
  const errorType = errorTypeOf(record);
  const call: Span = {
    traceId,
    spanId,
    parentSpanId,
    name: `${asked.operation} ${record.model}`,
    startMs: record.time,
    endMs: record.time + record.durationMs,
    attributes: [
      text("gen_ai.operation.name", asked.operation),
      text("gen_ai.provider.name", providerName(record.provider)),
      text("gen_ai.request.model", record.model),
      ...askedAttributes(asked),
      ...answerAttributes(record, asked),
      ...markAttributes(trace.answer),
      ...usageAttributes(record),
      ...ownAttributes(record),
      ...(errorType === undefined ? [] : [text("error.type", errorType)]),
    ],
    // That a client left is nobody's fault.
    isError: errorType !== undefined && record.outcome !== "cancelled",
  };
  const children = record.attempts.flatMap((attempt, index): Span[] => {
    const place = attempts[index];
    return place ? [attemptSpan(call, place, attempt)] : [];
  });
  return [call, ...children];
}

function askedAttributes({ isStream, maxTokens, temperature, topP, seed, choices }: AskedCall): Attribute[] {
  const attributes: Attribute[] = [];
  if (isStream) attributes.push(flag("gen_ai.request.stream", true));
  if (maxTokens !== undefined) attributes.push(integer("gen_ai.request.max_tokens", maxTokens));
  if (temperature !== undefined) attributes.push(decimal("gen_ai.request.temperature", temperature));
  if (topP !== undefined) attributes.push(decimal("gen_ai.request.top_p", topP));
  if (seed !== undefined && /^-?\d{1,18}$/.test(seed)) {
    attributes.push(["gen_ai.request.seed", { kind: "integer", value: seed }]);
  }
  if (choices !== 1) attributes.push(integer("gen_ai.request.choice.count", choices));
  return attributes;
}

function answerAttributes({ providerModel, ttftMs, status }: LedgerRecord, { isStream }: AskedCall): Attribute[] {
  const attributes: Attribute[] = [];
  if (providerModel !== "") attributes.push(text("gen_ai.response.model", providerModel));
  if (isStream && ttftMs !== undefined) {
    attributes.push(decimal("gen_ai.response.time_to_first_chunk", ttftMs / 1_000));
  }
  if (status !== 0) attributes.push(integer("http.response.status_code", status));
  return attributes;
}

function markAttributes(answer: AnswerMarks | undefined): Attribute[] {
  const attributes: Attribute[] = [];
  if (answer?.id !== undefined) attributes.push(text("gen_ai.response.id", answer.id));
  const value = answer?.finishReasons ?? [];
  if (value.length > 0) attributes.push(["gen_ai.response.finish_reasons", { kind: "texts", value }]);
  return attributes;
}

function usageAttributes({ usage, isEstimated, attempts }: LedgerRecord): Attribute[] {
  if (attempts.length === 0) return [];
  const cacheWrites = usage.cacheWrite5m + usage.cacheWrite1h;
  const attributes: Attribute[] = [
    integer("gen_ai.usage.input_tokens", inputTokens(usage)),
    integer("gen_ai.usage.output_tokens", outputTokens(usage)),
  ];
  if (usage.cacheRead > 0) attributes.push(integer("gen_ai.usage.cache_read.input_tokens", usage.cacheRead));
  if (cacheWrites > 0) attributes.push(integer("gen_ai.usage.cache_creation.input_tokens", cacheWrites));
  if (usage.reasoning > 0) attributes.push(integer("gen_ai.usage.reasoning.output_tokens", usage.reasoning));
  if (usage.audioInput > 0) attributes.push(integer("gen_ai.usage.audio.input_tokens", usage.audioInput));
  if (usage.imageInput > 0) attributes.push(integer("gen_ai.usage.image.input_tokens", usage.imageInput));
  if (usage.audioOutput > 0) attributes.push(integer("gen_ai.usage.audio.output_tokens", usage.audioOutput));
  if (isEstimated) attributes.push(flag("flyball.usage.is_estimated", true));
  return attributes;
}

function ownAttributes(record: LedgerRecord): Attribute[] {
  const { cost } = record;
  const attributes: Attribute[] = [
    text("flyball.request.id", record.requestId),
    text("flyball.outcome", record.outcome),
    text("flyball.app", record.app),
    text("flyball.tenant", record.tenant),
    text("flyball.route", record.route),
    integer("flyball.attempts", record.attempts.length),
  ];
  if (record.key !== "") attributes.push(text("flyball.key.id", record.key));
  if (record.backend !== "") attributes.push(text("flyball.backend", record.backend));
  if (cost.usd > 0) attributes.push(decimal("flyball.cost.usd", cost.usd / MILLION));
  if (cost.cny > 0) attributes.push(decimal("flyball.cost.cny", cost.cny / MILLION));
  if (cost.isUnknown) attributes.push(flag("flyball.cost.is_unknown", true));
  if (record.isResumed) attributes.push(flag("flyball.is_resumed", true));
  if (record.isHedged) attributes.push(flag("flyball.is_hedged", true));
  if (record.isCached) attributes.push(flag("flyball.is_cached", true));
  return attributes;
}

function attemptSpan(call: Span, { spanId, authority }: AttemptTrace, attempt: LedgerAttempt): Span {
  const { backend, provider, model, outcome, startedAt, durationMs } = attempt;
  const isFailed = outcome !== "succeeded";
  return {
    traceId: call.traceId,
    spanId,
    parentSpanId: call.spanId,
    name: `attempt ${backend}`,
    startMs: startedAt,
    endMs: startedAt + durationMs,
    attributes: [
      text("gen_ai.provider.name", providerName(provider)),
      text("gen_ai.request.model", model),
      text("flyball.backend", backend),
      text("flyball.attempt.outcome", outcome),
      ...serverAttributes(authority),
      ...(isFailed ? [text("error.type", outcome)] : []),
    ],
    isError: isFailed && outcome !== "cancelled",
  };
}

function serverAttributes(authority: string): Attribute[] {
  const [, host = authority, port] = /^(.*?)(?::(\d+))?$/.exec(authority) ?? [];
  const address = text("server.address", host);
  return port === undefined ? [address] : [address, integer("server.port", Number(port))];
}

function text(name: string, value: string): Attribute {
  return [name, { kind: "text", value }];
}

function integer(name: string, value: number): Attribute {
  return [name, { kind: "integer", value: String(value) }];
}

function decimal(name: string, value: number): Attribute {
  return [name, { kind: "decimal", value }];
}

function flag(name: string, value: boolean): Attribute {
  return [name, { kind: "flag", value }];
}
