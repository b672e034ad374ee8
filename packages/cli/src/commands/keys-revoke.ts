// `flyball keys revoke <key>`: the key is refused from now on, for good.
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { textOption } from "../command-line/command-input.ts";
import { withNamedRefusal } from "../keys/refused-name.ts";

/** Runs the command. */
export async function keysRevoke(context: CommandContext, input: CommandInput): Promise<number> {
  const reason = textOption(input, "reason");
  const { control } = await openControl(context);
  const asked = control.revokeKey(input.positionals[0] ?? "", reason === undefined ? {} : { reason });
  const changed = await withNamedRefusal(asked);
  const { key, isInForce } = changed;
  const { output, translate } = context;
  output.value(changed, () =>
    translate(isInForce ? "keys.revoked" : "keys.revoked-so-far", { key: key.name || key.id }),
  );
  if (!isInForce) output.note(translate("keys.not-in-force"));
  return 0;
}
