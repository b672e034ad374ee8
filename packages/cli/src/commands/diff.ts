// `flyball diff [from] [to]`: what differs between two revisions; without numbers, between the current one and the one before.
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { parseWholeNumber } from "../command-line/command-input.ts";
import { renderChange } from "../render/render-plan.ts";

const REVISIONS = { min: 1, max: 1_000_000_000 };

/** Runs the command. */
export async function diff(context: CommandContext, input: CommandInput): Promise<number> {
  const [fromText, toText] = input.positionals;
  const from = fromText === undefined ? undefined : parseWholeNumber(fromText, "from", REVISIONS);
  const to = toText === undefined ? undefined : parseWholeNumber(toText, "to", REVISIONS);
  const { control } = await openControl(context);
  const { changes } = await control.diff({
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  });
  context.output.values(changes, (style) =>
    changes.length === 0
      ? context.translate("diff.none")
      : changes.map((change) => renderChange(change, style)).join("\n"),
  );
  return 0;
}
