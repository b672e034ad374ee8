// Which keys a map may have at a path, read from the schema itself, for "did you mean".
import { z } from "zod";
import type { ManifestPath } from "../source/manifest-node.ts";

/** Keys that the schema names at the path; empty for maps with free names. */
export function knownKeys(root: z.ZodType, path: ManifestPath): string[] {
  let candidates: z.core.$ZodType[] = unwrap(root);
  for (const step of path) candidates = candidates.flatMap((schema) => stepInto(schema, step)).flatMap(unwrap);
  return candidates.flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape as object) : []));
}

/** The schemas behind optional, default, nullable and union. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return unwrap(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrap);
  return [schema];
}

function stepInto(schema: z.core.$ZodType, step: string | number): z.core.$ZodType[] {
  if (schema instanceof z.ZodArray) return typeof step === "number" ? [schema.element] : [];
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  if (!(schema instanceof z.ZodObject)) return [];
  const shape = schema.shape as Record<string, z.core.$ZodType>;
  const child = Object.hasOwn(shape, String(step)) ? shape[String(step)] : undefined;
  return child === undefined ? [] : [child];
}
