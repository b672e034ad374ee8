// How a translator gives up: it names the field from wherever it stands, and its caller gets a value. A field without counterpart is
// never dropped in silence unless the README of this folder lists it as harmless.
import type { Translated } from "./dialect.ts";
import { asObject, type JsonObject } from "./json-value.ts";
import { RawJson } from "./raw-json.ts";

class FieldRefused extends Error {
  readonly field: string;

  constructor(field: string, reason: string) {
    super(reason);
    this.field = field;
  }
}

/** Gives the whole translation up because of this field. */
export function refuseField(field: string, reason: string): never {
  throw new FieldRefused(field, reason);
}

/** A client's value inside a sentence. */
export function showValue(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "undefined");
}

/** Runs a translator. */
export function translated<T>(translate: () => T): Translated<T> {
  try {
    return { kind: "translated", value: translate() };
  } catch (error) {
    if (error instanceof FieldRefused) return { kind: "refused", field: error.field, reason: error.message };
    throw error;
  }
}

/** An object, or the refusal of its field. */
export function needObject(value: unknown, field: string): JsonObject {
  return asObject(value) ?? refuseField(field, "it is no object");
}

/** A string, or the refusal of its field. */
export function needText(value: unknown, field: string): string {
  return typeof value === "string" ? value : refuseField(field, "it is no string");
}

/** A list, or the refusal of its field. */
export function needList(value: unknown, field: string): readonly unknown[] {
  return Array.isArray(value) ? value : refuseField(field, "it is no list");
}

/** A number; absent and null are undefined. */
export function optionalNumber(body: JsonObject, field: string): number | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (value instanceof RawJson) return Number(value.text);
  return typeof value === "number" ? value : refuseField(field, "it is no number");
}

/** Refuses every field of the list that says something: null, false, "", 0, [] and {} say nothing. */
export function refuseFields(body: JsonObject, fields: readonly string[], reason: string): void {
  for (const field of fields) {
    const value = body[field];
    if (!value) continue;
    if (typeof value === "object" && Object.keys(value).length === 0) continue;
    refuseField(field, reason);
  }
}

/** Refuses every field that is not known: what we do not understand may change the answer. */
export function refuseUnknown(body: JsonObject, known: ReadonlySet<string>): void {
  for (const field of Object.keys(body)) {
    if (known.has(field) || body[field] === null || body[field] === undefined) continue;
    refuseField(field, "this backend speaks another dialect, and the field cannot be translated");
  }
}
