// `flyball explain <request id>`: why this backend, why this place in the queue, and what came of it.
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { renderExplanation } from "../render/render-explanation.ts";

/** Runs the command. */
export async function explain(context: CommandContext, input: CommandInput): Promise<number> {
  const { control } = await openControl(context);
  const explanation = await control.explain(input.positionals[0] ?? "");
  context.output.value(explanation, (style) => renderExplanation(explanation, context.translate, style));
  return 0;
}
