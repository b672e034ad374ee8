// From arguments to exit code: choose the language, parse, hand over to the one command. Only what help and version need is loaded
// here; the rest comes with the command.
import { CommanderError } from "commander";
import { languageOf, languageOption, loadTranslate } from "../messages/language.ts";
import type { Translate } from "../messages/translate.ts";
import { buildProgram, type ChosenCommand } from "./build-program.ts";
import type { CommandLineHost } from "./command-line-host.ts";

/** What the command line asks for. */
type Parsed =
  | { readonly kind: "command"; readonly command: ChosenCommand }
  | { readonly kind: "refused"; readonly error: CommanderError; readonly commandPath: string }
  /** Help or the version, already written. */
  | { readonly kind: "done" };

/** Runs one command line and resolves with its exit code; never rejects. */
export async function runCommandLine(host: CommandLineHost): Promise<number> {
  const language = languageOption(host.argv) ?? languageOf(host.environment);
  const translate = await loadTranslate(language);
  const parsed = await parse(host, translate);
  if (parsed.kind === "done") return 0;
  const { runChosenCommand, reportRefusedWords } = await import("./run-chosen-command.ts");
  if (parsed.kind === "command") return await runChosenCommand(host, parsed.command, { language, translate });
  return await reportRefusedWords(host, parsed, { language, translate });
}

async function parse(host: CommandLineHost, translate: Translate): Promise<Parsed> {
  const found: ChosenCommand[] = [];
  const program = buildProgram({
    translate,
    version: host.version,
    write: (text) => void host.stdout.write(text),
    onChosen: async (command) => void found.push(command),
  });
  try {
    await program.parseAsync([...host.argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // No command at all is a question for help; commander takes it for a mistake.
    if (error.code === "commander.help") program.outputHelp();
    if (["commander.help", "commander.helpDisplayed", "commander.version"].includes(error.code))
      return { kind: "done" };
    const firstWord = host.argv.find((word) => !word.startsWith("-"));
    const isCommand = program.commands.some((command) => command.name() === firstWord);
    return { kind: "refused", error, commandPath: isCommand ? `flyball ${firstWord}` : "flyball" };
  }
  const [command] = found;
  return command === undefined ? { kind: "done" } : { kind: "command", command };
}
