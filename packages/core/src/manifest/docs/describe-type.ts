// The type of a key in a few words, in both languages: `list of name`, `http | tcp`, `text or build`.
import type { Bilingual } from "../schema/described.ts";
import { referencedId, type RawSchema } from "./raw-schema.ts";

const PLAIN: Readonly<Record<string, Bilingual>> = {
  string: { english: "text", chinese: "文本" },
  integer: { english: "whole number", chinese: "整数" },
  number: { english: "number", chinese: "数字" },
  boolean: { english: "true or false", chinese: "true 或 false" },
  object: { english: "map", chinese: "映射" },
  null: { english: "nothing", chinese: "空" },
};

/** Describes a schema. Sections are named by their id. */
export function describeType(schema: RawSchema): Bilingual {
  const id = referencedId(schema);
  if (id !== undefined) return same(`{${id}}`);
  if (schema.word !== undefined) return schema.word;
  if (schema.enum !== undefined) return same(schema.enum.join(" | "));
  if (schema.const !== undefined) return same(String(schema.const));
  if (schema.anyOf !== undefined) return joinOptions(schema.anyOf.map(describeType));
  if (schema.items !== undefined) {
    const item = describeType(schema.items);
    return { english: `list of ${item.english}`, chinese: `${item.chinese} 列表` };
  }
  if (typeof schema.additionalProperties === "object") return describeMap(schema.additionalProperties);
  return PLAIN[schema.type ?? "object"] ?? same(schema.type ?? "");
}

function describeMap(value: RawSchema): Bilingual {
  const isAnything = Object.keys(value).length === 0;
  if (isAnything) return PLAIN["object"] ?? same("map");
  const member = describeType(value);
  return { english: `map of ${member.english}`, chinese: `${member.chinese} 映射` };
}

function same(text: string): Bilingual {
  return { english: text, chinese: text };
}

function joinOptions(options: readonly Bilingual[]): Bilingual {
  const without = options.filter((option) => option.english !== "nothing");
  return {
    english: without.map((option) => option.english).join(" or "),
    chinese: without.map((option) => option.chinese).join(" 或 "),
  };
}
