// Writes JSON around texts that are JSON already. A tool's arguments are text with one dialect and a value with another; parsing and
// writing them again would turn 9007199254740993 into …992 and 1.0 into 1.
import { asObject, parseJson } from "./json-value.ts";

/** JSON text that stands for a value. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The JSON text of a value in which `RawJson` may stand anywhere. Undefined members are left out. */
export function writeJson(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => writeJson(item ?? null)).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value ?? null);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${writeJson(member)}`).join(",")}}`;
}

/**
 * Parses JSON; a number that JavaScript would write in another way than it came stands as `RawJson`, for a tool's input that is written
 * again. Undefined when it is no JSON. Usage is counted with, so its numbers are plain.
 */
export function parseJsonKeepingNumbers(text: string): unknown {
  const keep = (key: string, value: unknown, context?: { readonly source: string }): unknown => {
    if (typeof value === "number" && context !== undefined && String(value) !== context.source) {
      return new RawJson(context.source);
    }
    return key === "usage" ? (JSON.parse(writeJson(value)) as unknown) : value;
  };
  try {
    return JSON.parse(text, keep) as unknown;
  } catch {
    return undefined;
  }
}

/** A tool's arguments as the object that Anthropic wants. What the model wrote wrong is kept as text inside one. */
export function argumentsValue(text: string): RawJson {
  if (text.trim() === "") return new RawJson("{}");
  return new RawJson(asObject(parseJson(text)) ? text : JSON.stringify({ invalid_json: text }));
}
