// `flyball incidents`: what went wrong and how long it took to be well again.
import type { Incident } from "@flyball/core";
import { withRecords } from "../app/open-records.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { numberOption, textOption } from "../command-line/command-input.ts";
import { usageError } from "../messages/localised-error.ts";
import { renderIncidents } from "../render/render-incident.ts";

const STATES: readonly Incident["state"][] = ["open", "recovering", "recovered", "closed"];

/** Runs the command. */
export async function incidents(context: CommandContext, input: CommandInput): Promise<number> {
  const limit = numberOption(input, "limit", { min: 1, max: 1_000 }) ?? 20;
  const state = parseState(textOption(input, "state"));
  const wanted = { limit, ...(state === undefined ? {} : { state }) };
  const { incidents: found } = await withRecords(context, (records) => records.incidents(wanted));
  context.output.values(found, (style) => renderIncidents(found, context.translate, style));
  return 0;
}

function parseState(text: string | undefined): Incident["state"] | undefined {
  if (text === undefined) return undefined;
  const state = STATES.find((known) => known === text);
  if (state === undefined)
    throw usageError("usage.one-of", { what: "--state", choices: STATES.join(", "), seen: text });
  return state;
}
