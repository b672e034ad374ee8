// `flyball keys create`: makes a virtual key. Its value goes to stdout, this once; what a person should know goes to stderr.
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { listOption, textOption } from "../command-line/command-input.ts";
import { parseExpiry } from "../keys/parse-expiry.ts";
import { parseLimits } from "../keys/parse-limits.ts";
import { withNamedRefusal } from "../keys/refused-name.ts";

/** Runs the command. */
export async function keysCreate(context: CommandContext, input: CommandInput): Promise<number> {
  const { output, translate, clock } = context;
  const expires = textOption(input, "expires");
  const limits = parseLimits(input);
  const models = listOption(input, "model");
  const routes = listOption(input, "route");
  const given = {
    name: textOption(input, "name"),
    tenant: textOption(input, "tenant"),
    reason: textOption(input, "reason"),
  };
  const request = {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(models.length === 0 ? {} : { models }),
    ...(routes.length === 0 ? {} : { routes }),
    ...(expires === undefined ? {} : { expiresAt: parseExpiry(expires, clock) }),
    ...(limits === undefined ? {} : { limits }),
  };
  const { control } = await openControl(context);
  const issued = await withNamedRefusal(control.createKey(request));
  output.value(issued, () => issued.value);
  output.note(translate("keys.created", { id: issued.key.id }));
  if (!issued.isInForce) output.note(translate("keys.not-in-force"));
  return 0;
}
