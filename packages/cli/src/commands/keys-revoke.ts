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
  const { key } = await withNamedRefusal(asked);
  context.output.value(key, () => context.translate("keys.revoked", { key: key.name || key.id }));
  return 0;
}
