// The JSON Schema for editors (docs/reference/manifest.schema.json).
import { rawDefinitions, type RawSchema } from "./raw-schema.ts";

const OWN_WORDS: ReadonlySet<string> = new Set(["chinese", "word"]);
/** Sections in which keys that begin with `x-` are ignored. */
const WITH_EXTENSIONS: ReadonlySet<string> = new Set(["manifest", "service"]);

/** The published schema. `${VAR}` is accepted wherever a checked value stands, because it is filled in before the check. */
export function manifestJsonSchema(): Record<string, unknown> {
  const definitions = Object.entries(rawDefinitions()).map(([id, definition]) => {
    const published = publish(definition) as Record<string, unknown>;
    return [id, WITH_EXTENSIONS.has(id) ? { ...published, patternProperties: { "^x-": {} } } : published] as const;
  });
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Flyball manifest (flyball/v1)",
    $ref: "#/definitions/manifest",
    definitions: Object.fromEntries(definitions),
  };
}

function publish(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(publish);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).filter(([key]) => !OWN_WORDS.has(key));
  const own = Object.fromEntries(
    entries.map(([key, value]) => [key, key === "properties" ? publishProperties(value as object) : publish(value)]),
  );
  return allowVariables(own);
}

/** Keys of `properties` are names of the manifest, not words of JSON Schema. */
function publishProperties(properties: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, publish(value)]));
}

function allowVariables(schema: Record<string, unknown>): Record<string, unknown> {
  const { type, pattern } = schema as RawSchema;
  if (type === "integer" || type === "number" || type === "boolean")
    return { ...schema, type: [type, "string"], pattern: "\\$\\{" };
  if (type === "string" && pattern !== undefined) return { ...schema, pattern: `(?:${pattern})|\\$\\{` };
  return schema;
}
