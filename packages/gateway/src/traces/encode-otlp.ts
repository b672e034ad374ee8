// Spans in the JSON form of OTLP (opentelemetry-proto, trace/v1): ids in hex, 64-bit numbers as text, enumerations as numbers.
import { assertNever } from "@flyball/core";
import type { AttributeValue, Span } from "./span.ts";

const KIND_CLIENT = 3;
const STATUS_ERROR = 2;
/** The span is sampled (bits 0–7 are the W3C flags). */
const FLAGS = 1;

/** The body of one export. `resource` says whose spans they are. */
export function encodeOtlp(spans: readonly Span[], resource: Readonly<Record<string, string>>): string {
  const attributes = Object.entries(resource).map(([key, value]) => ({ key, value: { stringValue: value } }));
  return JSON.stringify({
    resourceSpans: [
      { resource: { attributes }, scopeSpans: [{ scope: { name: "flyball.gateway" }, spans: spans.map(encodeSpan) }] },
    ],
  });
}

function encodeSpan(span: Span): object {
  const { traceId, spanId, parentSpanId, name, startMs, endMs, attributes, isError } = span;
  return {
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    flags: FLAGS,
    name,
    kind: KIND_CLIENT,
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(endMs),
    attributes: attributes.map(([key, value]) => ({ key, value: encodeValue(value) })),
    ...(isError ? { status: { code: STATUS_ERROR } } : {}),
  };
}

function encodeValue(value: AttributeValue): object {
  switch (value.kind) {
    case "text":
      return { stringValue: value.value };
    case "texts":
      return { arrayValue: { values: value.value.map((stringValue) => ({ stringValue })) } };
    case "integer":
      return { intValue: value.value };
    case "decimal":
      return { doubleValue: value.value };
    case "flag":
      return { boolValue: value.value };
    default:
      return assertNever(value);
  }
}

/** Milliseconds have no more than a few digits behind the point; in nanoseconds they are beyond 2^53. */
function nanoseconds(milliseconds: number): string {
  return String(BigInt(Math.round(milliseconds * 1_000)) * 1_000n);
}
