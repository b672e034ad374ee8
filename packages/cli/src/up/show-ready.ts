// What a person sees when the app stands: the table, ports that had to move, things to try, models that could be used instead.
import type { AppSpec, AppStatus } from "@flyball/core";
import type { CommandContext } from "../command-line/command-context.ts";
import { fieldText } from "../messages/field-text.ts";
import { formatDuration } from "../render/duration.ts";
import { renderMovedListeners, renderServices } from "../render/render-services.ts";
import { fetchJson } from "./list-models.ts";
import { suggestModels } from "./suggest-models.ts";
import { thingsToTry } from "./things-to-try.ts";

/** What to show. */
export interface ShowReadyOptions {
  readonly spec: AppSpec;
  readonly status: AppStatus;
  readonly tookMs: number;
  /** A model was chosen on the command line, so none is suggested. */
  readonly hasChosenModel: boolean;
}

/** The table goes to stdout, everything else to stderr. */
export async function showReady(context: CommandContext, options: ShowReadyOptions): Promise<void> {
  const { output, translate, environment, commandName } = context;
  const { spec, status, tookMs, hasChosenModel } = options;
  const style = output.noteStyle;
  output.note("");
  output.value(status, (dataStyle) => renderServices(status.services, translate, dataStyle));
  output.note("");
  for (const line of renderMovedListeners(status, translate)) output.note(style.yellow(`! ${line}`));
  for (const override of status.overrides)
    output.note(
      translate("status.override", {
        field: override.field,
        value: JSON.stringify(override.value),
        actor: override.actor,
        reason: fieldText(override, "reason", translate),
      }),
    );
  output.note(translate("up.ready-after", { app: status.app, took: formatDuration(tookMs) }));
  const things = thingsToTry({ spec, status, translate, commandName });
  output.note(`\n${style.bold(translate("try.title"))}`);
  for (const { command, shows } of things) output.note(`  ${style.cyan(command)}\n      ${style.dim(shows)}`);
  if (hasChosenModel || Object.keys(spec.models).length === 0) return;
  const upCommand = environment["FLYBALL_UP_COMMAND"] || `${commandName} up`;
  const suggestions = await suggestModels({ environment, fetchJson, translate, upCommand });
  if (suggestions.length > 0) output.note("");
  for (const suggestion of suggestions) output.note(suggestion);
}
