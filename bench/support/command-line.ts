// The command line of a bench, the same for all of them: what it takes as data, the usage text that is made of it, and errors of one line that
// say what was wrong and what to try.
import { nearestName } from "@flyball/core";
import { parseArgs } from "node:util";

/** One option. */
export interface BenchOption {
  /** What its value is called, `N` or `FOLDER`; without it the option is a switch. */
  readonly value?: string;
  readonly says: string;
}

/** How a bench is called. */
export interface BenchUsage {
  /** `bench/startup.ts`. */
  readonly file: string;
  readonly purpose: string;
  /** Values that are written without an option, in order; all may be left out. */
  readonly words?: readonly { readonly name: string; readonly says: string }[];
  readonly options?: Readonly<Record<string, BenchOption>>;
}

/** What was written. All but `isOn` throw `UsageError` for what cannot be meant. */
export interface CommandLine {
  isOn(option: string): boolean;
  /** The text of an option or a word; undefined: it was not written. */
  text(name: string): string | undefined;
  /** A number of at least that much, whole unless it may be a fraction. */
  number(name: string, least: number, mayBeFraction?: boolean): number | undefined;
  /** What stands between commas. With `known` each has to be one of them. */
  list(name: string, known?: readonly string[]): readonly string[] | undefined;
}

/** The user's mistake. `remedy` is what to try; the usage text unless given. */
export class UsageError extends Error {
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** Reads the words behind the bench's name, or ends the process: with the usage text and code 0, with an error and code 2. */
export function readCommandLine<T>(usage: BenchUsage, words: readonly string[], read: (line: CommandLine) => T): T {
  if (words.includes("--help") || words.includes("-h")) {
    console.log(usageText(usage));
    process.exit(0);
  }
  try {
    return read(parseCommandLine(usage, words));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${usage.file}: ${error.message}\nTry: ${error.remedy ?? `${commandOf(usage)} --help`}`);
    process.exit(2);
  }
}

/** The usage text, without a line break at its end. */
export function usageText(usage: BenchUsage): string {
  const { purpose, words = [], options = {} } = usage;
  const rows = [
    ...words.map(({ name, says }) => [name, says] as const),
    ...Object.entries(options).map(
      ([name, { value, says }]) => [`--${name}${value ? ` ${value}` : ""}`, says] as const,
    ),
    ["--help", "this text"] as const,
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    `Usage: ${[commandOf(usage), ...words.map(({ name }) => `[${name}]`), "[options]"].join(" ")}`,
    purpose,
    "",
    ...rows.map(([name, says]) => `  ${name.padEnd(width)}  ${says}`),
  ].join("\n");
}

/** Throws `UsageError`. */
export function parseCommandLine({ words = [], options = {} }: BenchUsage, written: readonly string[]): CommandLine {
  const names = Object.keys(options);
  const { values, positionals, tokens } = parseArgs({
    args: [...written],
    options: Object.fromEntries(names.map((name) => [name, { type: options[name]?.value ? "string" : "boolean" }])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) throw new UsageError(`there is no option ${rawName}${meant(name, names, "--")}`);
    if (option.value === undefined && value !== undefined) throw new UsageError(`${rawName} takes no value`);
    const isMissing = value === undefined || value === "" || (!token.inlineValue && value.startsWith("--"));
    if (option.value !== undefined && isMissing) throw new UsageError(`${rawName} needs a value: ${option.value}`);
  }
  const [tooMany] = positionals.slice(words.length);
  if (tooMany !== undefined) throw new UsageError(`${tooMany} is one word too many`);
  const text = (name: string): string | undefined => {
    const place = words.findIndex((word) => word.name === name);
    const value = place < 0 ? values[name] : positionals[place];
    return typeof value === "string" ? value : undefined;
  };
  const called = (name: string): string => (Object.hasOwn(options, name) ? `--${name}` : name);
  return {
    isOn: (option) => values[option] === true,
    text,
    number(name, least, mayBeFraction = false) {
      const value = text(name);
      return value === undefined ? undefined : numberOf(called(name), value, least, mayBeFraction);
    },
    list(name, known) {
      const items = text(name)
        ?.split(",")
        .map((item) => item.trim())
        .filter((item) => item !== "");
      const wrong = known && items?.find((item) => !known.includes(item));
      if (known === undefined || wrong === undefined) return items;
      throw new UsageError(
        `${called(name)}: there is no ${wrong}${meant(wrong, known)}; there are ${known.join(", ")}`,
      );
    },
  };
}

/** The number that a text is. Throws `UsageError`. */
export function numberOf(name: string, text: string, least: number, mayBeFraction: boolean): number {
  const number = Number(text);
  const isGood = Number.isFinite(number) && number >= least && (mayBeFraction || Number.isInteger(number));
  if (text.trim() !== "" && isGood) return number;
  throw new UsageError(`${name}: a ${mayBeFraction ? "" : "whole "}number of at least ${least}, seen ${text}`);
}

function meant(seen: string, known: readonly string[], prefix = ""): string {
  const nearest = nearestName(seen, known);
  return nearest === undefined ? "" : ` (did you mean ${prefix}${nearest}?)`;
}

function commandOf({ file }: BenchUsage): string {
  return `node tools/launch.mjs run node ${file}`;
}
