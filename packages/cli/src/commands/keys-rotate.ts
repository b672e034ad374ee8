// `flyball keys rotate <key>`: another value for the same key; with --keep the one before works on for a while.
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { textOption } from "../command-line/command-input.ts";
import { parseDuration } from "../command-line/parse-duration.ts";
import { withNamedRefusal } from "../keys/refused-name.ts";
import { formatMoment } from "../render/moment.ts";

/** Runs the command. */
export async function keysRotate(context: CommandContext, input: CommandInput): Promise<number> {
  const { output, translate } = context;
  const keep = textOption(input, "keep");
  const reason = textOption(input, "reason");
  const request = {
    ...(keep === undefined ? {} : { keepMs: parseDuration(keep, "--keep") }),
    ...(reason === undefined ? {} : { reason }),
  };
  const { control } = await openControl(context);
  const issued = await withNamedRefusal(control.rotateKey(input.positionals[0] ?? "", request));
  const { id, earlierValues } = issued.key;
  output.value(issued, () => issued.value);
  output.note(translate("keys.rotated", { id }));
  for (const { prefix, until } of earlierValues) {
    output.note(translate("keys.earlier", { prefix, until: formatMoment(until) }));
  }
  if (earlierValues.length === 0) output.note(translate("keys.earlier-gone"));
  if (!issued.isInForce) output.note(translate("keys.not-in-force"));
  return 0;
}
