// `flyball incidents show N`: one incident with its times, its evidence and what was done, or all of it in the order in which it happened.
import { withRecords } from "../app/open-records.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { renderIncident } from "../render/render-incident.ts";
import { renderTimeline } from "../render/render-timeline.ts";

/** Runs the command. */
export async function incidentsShow(context: CommandContext, input: CommandInput): Promise<number> {
  const number = (input.positionals[0] ?? "").replace(/^#/, "");
  const incident = await withRecords(context, (records) => records.incident(number));
  const render = input.options["timeline"] === true ? renderTimeline : renderIncident;
  context.output.value(incident, (style) => render(incident, context.translate, style));
  return 0;
}
