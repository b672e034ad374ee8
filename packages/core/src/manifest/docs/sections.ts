// The reference as data: one section a group of keys, one row a key, in both languages.
import type { Bilingual } from "../schema/described.ts";
import { describeType } from "./describe-type.ts";
import { rawDefinitions, referencedId, textsOf, type RawSchema } from "./raw-schema.ts";

/** One key. */
export interface SectionRow {
  readonly key: string;
  readonly type: Bilingual;
  readonly isRequired: boolean;
  /** As it would be written; undefined when there is none that always holds. */
  readonly defaultText?: string;
  readonly meaning: Bilingual;
}

/** A group of keys. */
export interface Section {
  readonly id: string;
  /** Where it stands: `services.<name>.ports[]`; several when it is used more than once. */
  readonly paths: readonly string[];
  readonly meaning: Bilingual;
  readonly rows: readonly SectionRow[];
}

/** All sections, the whole manifest first, then in the order in which they come up in it. */
export function manifestSections(): Section[] {
  const definitions = rawDefinitions();
  const paths = collectPaths(definitions);
  return [...paths].map(([id, places]) => {
    const definition = definitions[id] ?? {};
    const rows = Object.entries(definition.properties ?? {}).map(([key, schema]) =>
      toRow(key, {
        schema,
        isRequired: definition.required?.includes(key) === true,
        meaning: textsOf(schema, definitions),
      }),
    );
    return { id, paths: places, meaning: textsOf(definition, definitions), rows };
  });
}

function toRow(
  key: string,
  { schema, isRequired, meaning }: { schema: RawSchema; isRequired: boolean; meaning: Bilingual },
): SectionRow {
  return { key, type: describeType(schema), isRequired, ...defaultOf(schema), meaning };
}

function defaultOf({ default: value }: RawSchema): Pick<SectionRow, "defaultText"> {
  const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  return value === undefined || isEmpty
    ? {}
    : { defaultText: typeof value === "string" ? value : JSON.stringify(value) };
}

/** Walks from the top; each section remembers every place at which it is met. */
function collectPaths(definitions: Readonly<Record<string, RawSchema>>): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  const visit = (schema: RawSchema, path: string): void => {
    const id = referencedId(schema);
    if (id !== undefined) return visitSection(id, path);
    for (const option of schema.anyOf ?? []) visit(option, path);
    if (schema.items !== undefined) visit(schema.items, `${path}[]`);
    if (typeof schema.additionalProperties === "object") visit(schema.additionalProperties, `${path}.<name>`);
  };
  const visitSection = (id: string, path: string): void => {
    const known = paths.get(id);
    if (known?.includes(path) === true) return;
    if (known === undefined) paths.set(id, path === "" ? [] : [path]);
    else known.push(path);
    for (const [key, schema] of Object.entries(definitions[id]?.properties ?? {}))
      visit(schema, path === "" ? key : `${path}.${key}`);
  };
  visitSection("manifest", "");
  return paths;
}
