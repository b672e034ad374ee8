// The schema as JSON, with the texts of both languages still in it. Everything that documents the manifest is made of this, so that
// nothing depends on the inside of the schema library.
import { z } from "zod";
import { manifest } from "../schema/manifest.ts";
import type { Bilingual } from "../schema/described.ts";

/** The part of JSON Schema (draft 7) that the manifest uses, with our own words. */
export interface RawSchema {
  readonly $ref?: string;
  readonly description?: string;
  readonly chinese?: string;
  readonly word?: Bilingual;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly const?: string | number | boolean;
  readonly default?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly properties?: Readonly<Record<string, RawSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: RawSchema | boolean;
  readonly propertyNames?: RawSchema;
  readonly items?: RawSchema;
  readonly anyOf?: readonly RawSchema[];
  readonly allOf?: readonly RawSchema[];
  readonly definitions?: Readonly<Record<string, RawSchema>>;
}

/** Sections by id; `manifest` is the top. */
export function rawDefinitions(): Readonly<Record<string, RawSchema>> {
  const schema = z.toJSONSchema(manifest, { io: "input", target: "draft-7" }) as RawSchema;
  return schema.definitions ?? {};
}

/** The texts of a key; a key whose texts are those of its section has none of its own in the JSON. */
export function textsOf(schema: RawSchema, definitions: Readonly<Record<string, RawSchema>>): Bilingual {
  const id = schema.description === undefined ? referencedId(schema) : undefined;
  const { description, chinese } = id === undefined ? schema : (definitions[id] ?? {});
  return { english: description ?? "", chinese: chinese ?? "" };
}

/** The id in `#/definitions/port`; also when it stands inside allOf, as it does beside a description. */
export function referencedId(schema: RawSchema): string | undefined {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
  return reference?.slice("#/definitions/".length);
}
