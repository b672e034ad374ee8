// The options that every command has.
import type { CommandDefinition, OptionDefinition } from "./command-definition.ts";

/** Options of every command. */
export const GLOBAL_OPTIONS: readonly OptionDefinition[] = [
  { flags: "-f, --file <path>", summary: "option.file" },
  { flags: "-o, --output <format>", summary: "option.output" },
  { flags: "--lang <language>", summary: "option.lang" },
];

/** The global options as this command takes them; a command with an `-f` of its own leaves `--file` long. */
export function globalOptionsOf(definition: CommandDefinition): readonly OptionDefinition[] {
  if (definition.ownsShortFile !== true) return GLOBAL_OPTIONS;
  return GLOBAL_OPTIONS.map((option) => ({ ...option, flags: option.flags.replace("-f, ", "") }));
}
