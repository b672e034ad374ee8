// `flyball audit`: who changed what of the app, and by which command; newest last, as a log is read.
import { withRecords } from "../app/open-records.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { numberOption, textOption } from "../command-line/command-input.ts";
import { parseDuration } from "../command-line/parse-duration.ts";
import { renderAudit } from "../render/render-audit.ts";

/** Runs the command. */
export async function audit(context: CommandContext, input: CommandInput): Promise<number> {
  const { clock, output, translate } = context;
  const limit = numberOption(input, "limit", { min: 1, max: 1_000 }) ?? 50;
  const span = textOption(input, "since");
  const since = span === undefined ? 0 : Math.max(0, Math.round(clock.now()) - parseDuration(span, "--since"));
  const wanted = { limit, ...(since === 0 ? {} : { since }) };
  const { entries } = await withRecords(context, (records) => records.audit(wanted));
  output.values(entries, (style) => renderAudit(entries, translate, style));
  return 0;
}
