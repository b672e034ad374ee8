// Commander's parse errors as errors of ours: in the reader's language, with a command to try that is not always `--help`.
import type { CommanderError } from "commander";
import type { FlyballError } from "@flyball/core";
import { usageError } from "../messages/localised-error.ts";

/** The usage error for what commander refused. `path` is the command that was being parsed: `flyball logs`. */
export function translateParseError(error: CommanderError, path: string): FlyballError {
  const what = /'([^']*)'/.exec(error.message)?.[1] ?? "";
  const suggestion = /\(Did you mean (?:one of )?([^,?)]+)/.exec(error.message)?.[1];
  const help = `${path} --help`;
  switch (error.code) {
    case "commander.unknownCommand":
      return usageError(
        "usage.unknown-command",
        { command: what },
        suggestion === undefined ? "flyball --help" : `flyball ${suggestion}`,
      );
    case "commander.unknownOption":
      return usageError(
        "usage.unknown-option",
        { option: what, command: path },
        suggestion === undefined ? help : `${path} ${suggestion}`,
      );
    case "commander.missingArgument":
      return usageError("usage.missing-argument", { argument: what, command: path }, help);
    case "commander.optionMissingArgument":
      return usageError("usage.missing-value", { option: what }, help);
    case "commander.excessArguments":
      return usageError("usage.too-many-arguments", { command: path }, help);
    default:
      return usageError("usage.other", { reason: error.message.replace(/^error: /, "") }, help);
  }
}
