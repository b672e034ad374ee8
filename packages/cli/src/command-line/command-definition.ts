// What the command line knows of a command before its code is loaded: enough for help, completion and parsing.
import type { PlainMessageKey } from "../messages/translate.ts";
import type { RunCommand } from "./command-context.ts";

/** One option of a command. */
export interface OptionDefinition {
  /** As commander writes it: `-d, --detach`, `--port <number>`. */
  readonly flags: string;
  readonly summary: PlainMessageKey;
  /** May be given more than once. */
  readonly isRepeatable?: boolean;
}

/** One command. */
export interface CommandDefinition {
  readonly name: string;
  /** As commander writes it: `[service]`, `<service> [command...]`. */
  readonly positionals?: string;
  readonly summary: PlainMessageKey;
  readonly options?: readonly OptionDefinition[];
  /** The command uses `-f` for something of its own; the manifest is then named by `--file` only. */
  readonly ownsShortFile?: boolean;
  readonly subcommands?: readonly CommandDefinition[];
  readonly load: () => Promise<RunCommand>;
}
