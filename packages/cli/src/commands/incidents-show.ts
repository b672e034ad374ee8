// `flyball incidents show N`: one incident with its times, its evidence and what was done.
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { renderIncident } from "../render/render-incident.ts";

/** Runs the command. */
export async function incidentsShow(context: CommandContext, input: CommandInput): Promise<number> {
  const { control } = await openControl(context);
  const incident = await control.incident((input.positionals[0] ?? "").replace(/^#/, ""));
  context.output.value(incident, (style) => renderIncident(incident, context.translate, style));
  return 0;
}
