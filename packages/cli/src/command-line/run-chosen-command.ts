// Runs the command that was chosen, and prints what went wrong in one form.
import { systemClock } from "@flyball/core";
import type { CommanderError } from "commander";
import type { Language } from "../messages/language.ts";
import { usageError } from "../messages/localised-error.ts";
import type { Translate } from "../messages/translate.ts";
import { createOutput, type Output, type OutputFormat } from "../output/output.ts";
import { reportError } from "../output/report-error.ts";
import { styleFor } from "../output/style.ts";
import type { ChosenCommand } from "./build-program.ts";
import type { CommandContext } from "./command-context.ts";
import { flagOption, textOption } from "./command-input.ts";
import type { CommandLineHost } from "./command-line-host.ts";
import { commandLineText } from "./command-line-text.ts";
import { createInterruptions } from "./interruptions.ts";
import { translateParseError } from "./translate-parse-error.ts";

/** How to speak. */
export interface Speech {
  readonly language: Language;
  readonly translate: Translate;
}

/** Loads and runs the command; resolves with its exit code and never rejects. */
export async function runChosenCommand(
  host: CommandLineHost,
  { definition, input }: ChosenCommand,
  speech: Speech,
): Promise<number> {
  let output = outputFor(host, "text");
  try {
    output = outputFor(host, flagOption(input, "json") ? "json" : outputFormat(textOption(input, "output")));
    const lang = textOption(input, "lang");
    if (lang !== undefined && lang !== "en" && lang !== "zh") throw usageError("usage.language", { seen: lang });
    const { version, environment, workingDirectory, home, userName, signals, clock = systemClock } = host;
    const context: CommandContext = {
      version,
      environment,
      workingDirectory,
      home,
      userName,
      commandLine: commandLineText(host.argv),
      clock,
      ...speech,
      output,
      progress: host.stderr.isTTY === true ? (text) => void host.stderr.write(`\r${text}\u001b[K`) : () => undefined,
      interruptions: createInterruptions({ source: signals, clock, wrapperPid: wrapperPid(host) }),
      manifestOption: textOption(input, "file"),
      commandName: commandName(host),
    };
    const run = await definition.load();
    return await run(context, input);
  } catch (error) {
    return await reportError(error, { output, ...speech });
  }
}

/** Says why the words were not understood; resolves with the exit code of a usage error. */
export async function reportRefusedWords(
  host: CommandLineHost,
  { error, commandPath }: { readonly error: CommanderError; readonly commandPath: string },
  speech: Speech,
): Promise<number> {
  return await reportError(translateParseError(error, commandPath), { output: outputFor(host, "text"), ...speech });
}

function outputFor(host: CommandLineHost, format: OutputFormat): Output {
  return createOutput({
    stdout: host.stdout,
    stderr: host.stderr,
    format,
    dataStyle: styleFor(host.stdout, host.environment),
    noteStyle: styleFor(host.stderr, host.environment),
    commandName: commandName(host),
  });
}

/** What a person typed, as far as that can be known: the launcher says it, and npx leaves a trace. */
function commandName(host: CommandLineHost): string {
  const { FLYBALL_COMMAND, npm_command } = host.environment;
  return FLYBALL_COMMAND || (npm_command === "exec" ? "npx flyball" : "flyball");
}

function outputFormat(value: string | undefined): OutputFormat {
  if (value === undefined || value === "text") return "text";
  if (value === "json" || value === "ndjson") return value;
  throw usageError("usage.output-format", { seen: value });
}

/** FLYBALL_PARENT names a wrapper only when it really is the parent: an instance's own `flyball ps` inherits the variable. */
function wrapperPid(host: CommandLineHost): number | undefined {
  const pid = Number(host.environment["FLYBALL_PARENT"]);
  return host.signals.ppid === pid ? pid : undefined;
}
