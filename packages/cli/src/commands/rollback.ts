// `flyball rollback [N]`: writes an earlier revision's spec as a new revision and shows the plan that follows.
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { parseWholeNumber, textOption } from "../command-line/command-input.ts";
import { renderPlan } from "../render/render-plan.ts";

/** Runs the command. */
export async function rollback(context: CommandContext, input: CommandInput): Promise<number> {
  const { output, translate } = context;
  const [text] = input.positionals;
  const to = text === undefined ? undefined : parseWholeNumber(text, "revision", { min: 1, max: 1_000_000_000 });
  const reason = textOption(input, "reason");
  const { control } = await openControl(context);
  const result = await control.rollback({
    ...(to === undefined ? {} : { to }),
    ...(reason === undefined ? {} : { reason }),
  });
  output.value(result, (style) =>
    [
      renderPlan(result.plan, translate, style),
      result.isChanged
        ? translate("rollback.done", { revision: result.revision.number })
        : translate("rollback.unchanged"),
    ].join("\n"),
  );
  return 0;
}
