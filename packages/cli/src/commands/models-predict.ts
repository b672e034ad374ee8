// `flyball models predict`: how well the length of answers is foretold, model by model, and what was learned of the endpoints.
import { openControl } from "../app/open-control.ts";
import type { CommandContext } from "../command-line/command-context.ts";
import { renderPredictions } from "../render/render-predictions.ts";

/** Runs the command. */
export async function modelsPredict(context: CommandContext): Promise<number> {
  const { control } = await openControl(context);
  const status = await control.predictions();
  context.output.value(status, (style) => renderPredictions(status, context.translate, style));
  return 0;
}
