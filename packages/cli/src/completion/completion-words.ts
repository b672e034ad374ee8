// What can be typed where: the command table as plain words, without commander.
import type { CommandDefinition } from "../command-line/command-definition.ts";
import { COMMAND_TABLE } from "../command-line/command-table.ts";
import { GLOBAL_OPTIONS, globalOptionsOf } from "../command-line/global-options.ts";
import type { PlainMessageKey } from "../messages/translate.ts";

/** An option as a shell completes it. */
export interface CompletionOption {
  /** `-d`, when there is one. */
  readonly short?: string;
  readonly long: string;
  readonly takesValue: boolean;
  readonly summary: PlainMessageKey;
}

/** A command as a shell completes it. */
export interface CompletionCommand {
  readonly name: string;
  readonly summary: PlainMessageKey;
  readonly options: readonly CompletionOption[];
  /** Words after the command: names of subcommands, or choices of its first positional. */
  readonly words: readonly string[];
}

/** Choices of a first positional that are known without a running app. */
const FIXED_WORDS: Readonly<Record<string, readonly string[]>> = { completion: ["bash", "zsh", "fish"] };

/** Options before any command. */
export const completionGlobals: readonly CompletionOption[] = GLOBAL_OPTIONS.map(parseOption);

/** Every command. */
export const completionCommands: readonly CompletionCommand[] = COMMAND_TABLE.map((definition) => ({
  name: definition.name,
  summary: definition.summary,
  options: [...(definition.options ?? []), ...globalOptionsOf(definition)].map(parseOption),
  words: wordsAfter(definition),
}));

function wordsAfter(definition: CommandDefinition): readonly string[] {
  return [
    ...(definition.subcommands ?? []).map((subcommand) => subcommand.name),
    ...(FIXED_WORDS[definition.name] ?? []),
  ];
}

function parseOption({
  flags,
  summary,
}: {
  readonly flags: string;
  readonly summary: PlainMessageKey;
}): CompletionOption {
  const short = /(?:^|\s)(-\w)\b/.exec(flags)?.[1];
  const long = /--[\w-]+/.exec(flags)?.[0] ?? flags;
  return { ...(short === undefined ? {} : { short }), long, takesValue: flags.includes("<"), summary };
}
