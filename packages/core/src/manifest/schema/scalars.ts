// The small values that many keys share: names, durations, sizes, ports, text lists. Each says what it expects in a whole phrase,
// which becomes the message: "expected a duration like 500ms, 10s, 2m or 1h, saw 10".
import { z } from "zod";
import { worded, type Bilingual } from "./described.ts";

interface TextRule {
  readonly expectation: string;
  readonly pattern: RegExp;
  /** What the reference calls it. */
  readonly word: Bilingual;
}

function text({ expectation, pattern, word }: TextRule): z.ZodString {
  return worded(z.string({ error: expectation }).regex(pattern, { error: expectation }), word);
}

/** Names of services, models, secrets, configs, volumes, listeners, ports. */
export const name = text({
  expectation:
    "expected a name of lower-case letters, digits and hyphens that begins with a letter (at most 40 characters)",
  pattern: /^[a-z][a-z0-9-]{0,39}$/,
  word: { english: "name", chinese: "名称" },
});

/** A variable of the environment. */
export const environmentVariable = text({
  expectation: "expected the name of an environment variable: letters, digits and underscores",
  pattern: /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
  word: { english: "variable", chinese: "变量名" },
});

/** The beginning of variable names: `OPENAI` → `OPENAI_BASE_URL`. */
export const environmentPrefix = text({
  expectation: "expected a prefix of upper-case letters, digits and underscores, like OPENAI",
  pattern: /^[A-Z][A-Z0-9_]{0,39}$/,
  word: { english: "prefix", chinese: "前缀" },
});

/** `500ms`, `10s`, `2m`, `1h`. */
export const duration = text({
  expectation: "expected a duration like 500ms, 10s, 2m or 1h",
  pattern: /^(?:[0-9]{1,9}(?:\.[0-9]{1,3})?(?:ms|s|m|h))$/,
  word: { english: "duration", chinese: "时长" },
});

/** `512MiB`, `1GiB`, `100MB`. */
export const size = text({
  expectation: "expected a size like 512MiB, 1GiB or 100MB",
  pattern: /^[0-9]{1,12}(?:\.[0-9]{1,3})?(?:KB|KiB|MB|MiB|GB|GiB|TB|TiB)$/,
  word: { english: "size", chinese: "大小" },
});

const PORT_EXPECTATION = "expected a port number from 1 to 65535";

/** A TCP port. */
export const port = worded(
  z
    .number({ error: PORT_EXPECTATION })
    .int({ error: PORT_EXPECTATION })
    .min(1, { error: PORT_EXPECTATION })
    .max(65_535, { error: PORT_EXPECTATION }),
  { english: "port", chinese: "端口" },
);

/** Text that is not empty. */
export const nonEmpty = z.string({ error: "expected text" }).min(1, { error: "expected text that is not empty" });

/** A number, boolean or text that is used as text, as it was written. */
export const textual = worded(
  z.union([z.string(), z.number(), z.boolean()], { error: "expected text, a number or a boolean" }),
  {
    english: "text",
    chinese: "文本",
  },
);

/** A program with its arguments. */
export const commandList = z
  .array(textual, { error: "expected a list: the program and its arguments" })
  .min(1, { error: "expected a list with at least the program" });

/** A whole number within bounds. */
export function wholeNumber(least: number, most: number): z.ZodNumber {
  const error = `expected a whole number from ${least} to ${most}`;
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
}

/** A number within bounds; the message shows one. */
export function numberWithin(
  [least, most]: readonly [number, number],
  { what, like }: { readonly what: string; readonly like: number },
): z.ZodNumber {
  const error = `expected ${what} from ${least} to ${most}, like ${like}`;
  return z.number({ error }).min(least, { error }).max(most, { error });
}

/** A choice of words. */
export function choice<const T extends readonly [string, ...string[]]>(words: T): z.ZodEnum<{ [K in T[number]]: K }> {
  return z.enum(words, { error: `expected ${listWords(words)}` });
}

/** `a, b or c`. */
export function listWords(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;
}

/** A map from checked keys to values. */
export function mapOf<K extends z.ZodString, T extends z.ZodType>(
  key: K,
  value: T,
  expectation: string,
): z.ZodRecord<K, T> {
  return z.record(key, value, { error: expectation });
}

/** A list of checked values. */
export function listOf<T extends z.ZodType>(value: T, expectation: string): z.ZodArray<T> {
  return z.array(value, { error: expectation });
}
