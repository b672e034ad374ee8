// From arguments to exit code: choose the language, parse, load the one command, run it, and print what went wrong in one form.
import { type Clock, systemClock } from "@flyball/core";
import { CommanderError } from "commander";
import { languageOf, languageOption, loadMessages } from "../messages/language.ts";
import { usageError } from "../messages/localised-error.ts";
import { createTranslate, type Translate } from "../messages/translate.ts";
import { createOutput, type Output, type OutputFormat, type TextSink } from "../output/output.ts";
import { reportError } from "../output/report-error.ts";
import { styleFor } from "../output/style.ts";
import { buildProgram, type ChosenCommand } from "./build-program.ts";
import type { CommandContext } from "./command-context.ts";
import { textOption } from "./command-input.ts";
import { createInterruptions, type SignalSource } from "./interruptions.ts";
import { translateParseError } from "./translate-parse-error.ts";

/** The process, or a stand-in for it. */
export interface CommandLineHost {
  /** Without the program and the script. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly home: string;
  readonly userName: string;
  readonly version: string;
  readonly stdout: TextSink & { readonly isTTY?: boolean };
  readonly stderr: TextSink & { readonly isTTY?: boolean };
  readonly signals: SignalSource;
  readonly clock?: Clock;
}

/** Runs one command line and resolves with its exit code; never rejects. */
export async function runCommandLine(host: CommandLineHost): Promise<number> {
  const language = languageOption(host.argv) ?? languageOf(host.environment);
  const translate = createTranslate(await loadMessages(language));
  const commandName = host.environment["FLYBALL_COMMAND"] || "flyball";
  const outputFor = (format: OutputFormat): Output =>
    createOutput({
      stdout: host.stdout,
      stderr: host.stderr,
      format,
      dataStyle: styleFor(host.stdout, host.environment),
      noteStyle: styleFor(host.stderr, host.environment),
      commandName,
    });
  const report = async (error: unknown, format: OutputFormat): Promise<number> =>
    await reportError(error, { output: outputFor(format), translate, language });
  let format: OutputFormat = "text";
  try {
    const chosen = await parse(host, translate);
    if (chosen === undefined) return 0;
    format = outputFormat(textOption(chosen.input, "output"));
    const lang = textOption(chosen.input, "lang");
    if (lang !== undefined && lang !== "en" && lang !== "zh") throw usageError("usage.language", { seen: lang });
    const clock = host.clock ?? systemClock;
    const context: CommandContext = {
      version: host.version,
      environment: host.environment,
      workingDirectory: host.workingDirectory,
      home: host.home,
      userName: host.userName,
      clock,
      language,
      translate,
      output: outputFor(format),
      interruptions: createInterruptions({ source: host.signals, clock, wrapperPid: wrapperPid(host) }),
      manifestOption: textOption(chosen.input, "file"),
      commandName,
    };
    const command = await chosen.definition.load();
    return await command(context, chosen.input);
  } catch (error) {
    return await report(error, format);
  }
}

async function parse(host: CommandLineHost, translate: Translate): Promise<ChosenCommand | undefined> {
  const found: ChosenCommand[] = [];
  const program = buildProgram({
    translate,
    version: host.version,
    write: (text) => void host.stdout.write(text),
    onChosen: async (command) => void found.push(command),
  });
  try {
    await program.parseAsync([...host.argv], { from: "user" });
    return found[0];
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // No command at all is a question for help; commander takes it for a mistake.
    if (error.code === "commander.help") program.outputHelp();
    const firstWord = host.argv.find((word) => !word.startsWith("-"));
    const isCommand = program.commands.some((command) => command.name() === firstWord);
    const refused = translateParseError(error, isCommand ? `flyball ${firstWord}` : "flyball");
    if (refused !== undefined) throw refused;
    return undefined;
  }
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
