// A finished span as plain data, before it is written in anyone's format.

/** Attributes that are not set are left out, so `undefined` may stand for "not known". */
export type AttributeValue =
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "texts"; readonly value: readonly string[] }
  /** As text, for numbers beyond 2^53. */
  | { readonly kind: "integer"; readonly value: string }
  | { readonly kind: "decimal"; readonly value: number }
  | { readonly kind: "flag"; readonly value: boolean };

/** One span; times are wall milliseconds. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: readonly (readonly [name: string, value: AttributeValue])[];
  readonly isError: boolean;
}
