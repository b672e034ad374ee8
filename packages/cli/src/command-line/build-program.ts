// Builds commander's tree from the command table. Parsing is commander's, every word that a person reads is the catalogue's.
import { Command, Option } from "commander";
import type { PlainMessageKey, Translate } from "../messages/translate.ts";
import type { CommandInput } from "./command-context.ts";
import type { CommandDefinition, OptionDefinition } from "./command-definition.ts";
import { COMMAND_TABLE } from "./command-table.ts";
import { GLOBAL_OPTIONS, globalOptionsOf } from "./global-options.ts";

/** A command that was chosen on the command line. */
export interface ChosenCommand {
  readonly definition: CommandDefinition;
  readonly input: CommandInput;
}

const TITLES: Readonly<Record<string, PlainMessageKey>> = {
  "Usage:": "help.usage",
  "Arguments:": "help.arguments",
  "Options:": "help.options",
  "Commands:": "help.commands",
};

/** Builds the tree; `onChosen` is called by commander's parse once the command and its input are known. */
export function buildProgram(options: {
  readonly translate: Translate;
  readonly version: string;
  readonly write: (text: string) => void;
  readonly onChosen: (chosen: ChosenCommand) => Promise<void>;
}): Command {
  const { translate, version, write, onChosen } = options;
  const program = new Command("flyball");
  prepare(program, translate, write);
  program
    .description(translate("help.description"))
    .version(version, "-V, --version", translate("option.version"))
    .helpCommand("help [command]", translate("option.help"))
    .enablePositionalOptions();
  addOptions(program, GLOBAL_OPTIONS, translate);
  program.addHelpText("after", `\n${translate("help.footer")}`);
  for (const definition of COMMAND_TABLE) addCommand(program, definition, { translate, write, onChosen });
  return program;
}

interface CommandWiring {
  readonly translate: Translate;
  readonly write: (text: string) => void;
  readonly onChosen: (chosen: ChosenCommand) => Promise<void>;
}

function addCommand(parent: Command, definition: CommandDefinition, wiring: CommandWiring): void {
  const command = parent.command(definition.name);
  prepare(command, wiring.translate, wiring.write);
  command.description(wiring.translate(definition.summary)).summary(wiring.translate(definition.summary));
  for (const word of definition.positionals?.split(" ") ?? []) command.argument(word);
  addOptions(command, definition.options ?? [], wiring.translate);
  addOptions(command, globalOptionsOf(definition), wiring.translate);
  if (definition.subcommands !== undefined) command.enablePositionalOptions();
  for (const subcommand of definition.subcommands ?? []) addCommand(command, subcommand, wiring);
  command.action(async () => {
    const positionals = (command.processedArgs as (string | readonly string[] | undefined)[])
      .flat()
      .filter((word): word is string => word !== undefined);
    await wiring.onChosen({ definition, input: { positionals, options: optionsOf(command) } });
  });
}

/** The options of a command and its parents; what stands nearest to the end of the line wins. */
function optionsOf(command: Command): Readonly<Record<string, unknown>> {
  return { ...(command.parent === null ? {} : optionsOf(command.parent)), ...command.opts() };
}

function prepare(command: Command, translate: Translate, write: (text: string) => void): void {
  command
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: () => undefined })
    .configureHelp({
      styleTitle: (title) => {
        const key = TITLES[title];
        return key === undefined ? title : translate(key);
      },
    })
    .helpOption("-h, --help", translate("option.help"));
}

function addOptions(command: Command, definitions: readonly OptionDefinition[], translate: Translate): void {
  for (const { flags, summary, isRepeatable } of definitions) {
    const option = new Option(flags, translate(summary));
    if (isRepeatable === true) option.argParser(appendValue);
    command.addOption(option);
  }
}

function appendValue(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
