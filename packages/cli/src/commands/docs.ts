// `flyball docs [section]`: the manifest's reference, from the schema that checks it.
import { renderDocs } from "@flyball/core/manifest";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";

/** Runs the command. */
export async function docs(context: CommandContext, input: CommandInput): Promise<number> {
  const text = renderDocs(input.positionals[0], context.language);
  context.output.value({ text }, () => text.trimEnd());
  return 0;
}
