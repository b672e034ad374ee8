// `flyball completion bash|zsh|fish`: a completion script made from the command table, so that it never lags behind it.
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { completionScript, SHELLS } from "../completion/completion-script.ts";
import { usageError } from "../messages/localised-error.ts";

/** Runs the command. */
export async function completion(context: CommandContext, input: CommandInput): Promise<number> {
  const wanted = input.positionals[0] ?? "";
  const shell = SHELLS.find((known) => known === wanted);
  if (shell === undefined)
    throw usageError(
      "usage.one-of",
      { what: "shell", choices: SHELLS.join(", "), seen: wanted },
      "flyball completion bash",
    );
  const script = completionScript(shell, context.translate);
  context.output.value({ shell, script }, () => script);
  return 0;
}
