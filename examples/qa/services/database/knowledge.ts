// Reads the knowledge files: arrays of questions and answers in English and Chinese, one file a topic. A mistake in a
// file stops the start with the file and the entry named, because a half-read knowledge base answers wrongly in silence.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Language } from "../shared/detect-language.ts";

/** One answer in one language with the questions that it answers. */
export interface Passage {
  /** The same for both languages of an entry. */
  readonly id: string;
  readonly language: Language;
  readonly questions: readonly string[];
  readonly answer: string;
}

/** Everything read, and a hash that changes with any byte of it. */
export interface Knowledge {
  readonly passages: readonly Passage[];
  readonly hash: string;
}

const languages: readonly Language[] = ["en", "zh"];

/** Reads every `*.json` of a folder, in the order of the names. Throws an Error that names file and entry. */
export function readKnowledge(folder: string): Knowledge {
  const hash = createHash("sha256");
  const passages: Passage[] = [];
  const seen = new Map<string, string>();
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  for (const name of names.toSorted()) {
    const text = readFileSync(join(folder, name), "utf8");
    hash.update(`${name}\0${text}\0`);
    for (const passage of parseKnowledge(text, name)) {
      const key = `${passage.id} (${passage.language})`;
      const other = seen.get(key);
      if (other !== undefined) throw new Error(`${name}: the id ${key} is already used in ${other}.`);
      seen.set(key, name);
      passages.push(passage);
    }
  }
  return { passages, hash: hash.digest("hex") };
}

/** Parses one knowledge file; `name` is for error messages. */
export function parseKnowledge(text: string, name: string): Passage[] {
  const entries = parseArray(text, name);
  return entries.flatMap((entry, index) => {
    const where = `${name}: entry ${index + 1}`;
    if (!isRecord(entry) || !isText(entry["id"])) throw new Error(`${where} has no id.`);
    const id = entry["id"];
    return languages.map((language) => parsePassage(entry[language], id, language, `${where} (${id}, ${language})`));
  });
}

function parseArray(text: string, name: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${name}: not valid JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  if (!Array.isArray(value)) throw new Error(`${name}: not an array.`);
  return value;
}

function parsePassage(value: unknown, id: string, language: Language, where: string): Passage {
  if (!isRecord(value)) throw new Error(`${where} is missing.`);
  const { questions, answer } = value;
  if (!Array.isArray(questions) || questions.length === 0 || !questions.every(isText)) {
    throw new Error(`${where} needs a list of questions.`);
  }
  if (!isText(answer)) throw new Error(`${where} needs an answer.`);
  return { id, language, questions, answer };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}
