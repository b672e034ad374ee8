// `flyball diff [from] [to]`: what differs between two revisions; without numbers, between the current one and the one before.
import { withRecords } from "../app/open-records.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { parseWholeNumber } from "../command-line/command-input.ts";
import { renderChange } from "../render/render-plan.ts";

const REVISIONS = { min: 1, max: 1_000_000_000 };

/** Runs the command. */
export async function diff(context: CommandContext, input: CommandInput): Promise<number> {
  const [fromText, toText] = input.positionals;
  const from = fromText === undefined ? undefined : parseWholeNumber(fromText, "from", REVISIONS);
  const to = toText === undefined ? undefined : parseWholeNumber(toText, "to", REVISIONS);
  const wanted = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  const { changes } = await withRecords(context, (records) => records.diff(wanted));
  context.output.values(changes, (style) =>
    changes.length === 0
      ? context.translate("diff.none")
      : changes.map((change) => renderChange(change, style)).join("\n"),
  );
  return 0;
}
