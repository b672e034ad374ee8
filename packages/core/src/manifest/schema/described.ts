// Descriptions stand beside the fields they describe, English and 简体中文 together; the reference pages, `flyball docs` and the JSON
// Schema are made of them.
import { z } from "zod";

/** One text in both languages. */
export interface Bilingual {
  readonly english: string;
  readonly chinese: string;
}

/** Gives a schema its description in both languages. */
export function described<T extends z.ZodType>(schema: T, english: string, chinese: string): T {
  return schema.meta({ description: english, chinese });
}

/** Tells of a default that is applied elsewhere, where nothing is said. */
export function withDefault<T extends z.ZodType>(schema: T, value: string | number | boolean): T {
  return schema.meta({ default: value });
}

/** Gives a schema the word by which the reference calls its type: `duration`. */
export function worded<T extends z.ZodType>(schema: T, word: Bilingual): T {
  return schema.meta({ word });
}

/** A group of keys with a table of its own in the reference: `flyball docs <id>`. Keys that it does not name are refused. */
export function section<T extends z.ZodRawShape>(
  id: string,
  shape: T,
  texts: Bilingual,
): z.ZodObject<T, z.core.$strict> {
  return z.strictObject(shape).meta({ id, description: texts.english, chinese: texts.chinese });
}
