// Completion scripts for three shells. Options that name a file complete file names; everything else comes from the command table.
import { assertNever } from "@flyball/core";
import type { Translate } from "../messages/translate.ts";
import {
  type CompletionCommand,
  completionCommands,
  completionGlobals,
  type CompletionOption,
} from "./completion-words.ts";

/** Shells that are served. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** One of them. */
export type Shell = (typeof SHELLS)[number];

/** The script for a shell, without a newline at the end. */
export function completionScript(shell: Shell, translate: Translate): string {
  switch (shell) {
    case "bash":
      return bashScript();
    case "zsh":
      return zshScript(translate);
    case "fish":
      return fishScript(translate);
    default:
      return assertNever(shell);
  }
}

function flagWords(options: readonly CompletionOption[]): string {
  return options.flatMap(({ short, long }) => (short === undefined ? [long] : [short, long])).join(" ");
}

function bashScript(): string {
  const cases = completionCommands.map(
    ({ name, options, words }) => `    ${name}) words="${[...words, flagWords(options)].join(" ")}" ;;`,
  );
  const names = completionCommands.map(({ name }) => name).join(" ");
  return `# bash completion of flyball. Use: source <(flyball completion bash)
_flyball() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command="" word
  local words="${names} ${flagWords(completionGlobals)}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
      -*) ;;
      *) case " ${names} " in *" $word "*) command=$word; break ;; esac ;;
    esac
  done
  case $command in
${cases.join("\n")}
  esac
  case $previous in
    --file) COMPREPLY=($(compgen -f -- "$current")); return ;;
    -o|--output) words="text json ndjson" ;;
    --lang) words="en zh" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _flyball flyball`;
}

function zshScript(translate: Translate): string {
  const quote = (text: string): string =>
    text.replaceAll("'", "'\\''").replaceAll(":", "\\:").replaceAll("[", "(").replaceAll("]", ")");
  const spec = (option: CompletionOption): readonly string[] => {
    const value = option.takesValue ? valueSpec(option.long) : "";
    const text = `[${quote(translate(option.summary))}]${value}`;
    return option.short === undefined
      ? [`'${option.long}${text}'`]
      : [`'${option.short}${text}'`, `'${option.long}${text}'`];
  };
  const commandCase = ({ name, options, words }: CompletionCommand): string => {
    const positional = words.length === 0 ? "" : ` '1:: :(${words.join(" ")})'`;
    return `    ${name}) _arguments ${options.flatMap(spec).join(" ")}${positional} ;;`;
  };
  const described = completionCommands.map(({ name, summary }) => `    '${name}:${quote(translate(summary))}'`);
  return `#compdef flyball
# zsh completion of flyball. Use: source <(flyball completion zsh)
_flyball() {
  local -a commands
  commands=(
${described.join("\n")}
  )
  _arguments -C ${completionGlobals.flatMap(spec).join(" ")} '1: :->command' '*:: :->arguments'
  case $state in
    command) _describe command commands ;;
    arguments) case $words[1] in
${completionCommands.map(commandCase).join("\n")}
    esac ;;
  esac
}
compdef _flyball flyball`;
}

function valueSpec(long: string): string {
  if (long === "--file") return ":file:_files";
  if (long === "--output") return ":format:(text json ndjson)";
  if (long === "--lang") return ":language:(en zh)";
  return ":value:";
}

function fishScript(translate: Translate): string {
  const quote = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const optionLine = (condition: string, option: CompletionOption): string => {
    const short = option.short === undefined ? "" : ` -s ${option.short.slice(1)}`;
    const value = option.takesValue ? fishValue(option.long) : "";
    return `complete -c flyball -n ${quote(condition)}${short} -l ${option.long.slice(2)}${value} -d ${quote(translate(option.summary))}`;
  };
  const commandLines = completionCommands.flatMap(({ name, summary, options, words }) => [
    `complete -c flyball -n '__fish_use_subcommand' -f -a ${name} -d ${quote(translate(summary))}`,
    ...(words.length === 0
      ? []
      : [`complete -c flyball -n '__fish_seen_subcommand_from ${name}' -f -a ${quote(words.join(" "))}`]),
    ...options.map((option) => optionLine(`__fish_seen_subcommand_from ${name}`, option)),
  ]);
  return [
    "# fish completion of flyball. Use: flyball completion fish | source",
    ...completionGlobals.map((option) => optionLine("__fish_use_subcommand", option)),
    ...commandLines,
  ].join("\n");
}

function fishValue(long: string): string {
  if (long === "--file") return " -r";
  if (long === "--output") return " -x -a 'text json ndjson'";
  if (long === "--lang") return " -x -a 'en zh'";
  return " -x";
}
