// `flyball resume [service]`: automatic actions go on.
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { requireService } from "../command-line/require-service.ts";

/** Runs the command. */
export async function resume(context: CommandContext, input: CommandInput): Promise<number> {
  const { output, translate } = context;
  const [service] = input.positionals;
  const { app, control } = await openControl(context);
  if (service !== undefined) requireService(await control.status(), service);
  const result = await control.resume(service === undefined ? {} : { service });
  const what = service ?? app.app;
  output.value(result, () =>
    result.removed === 0 ? translate("resume.nothing", { what }) : translate("resume.done", { what }),
  );
  return 0;
}
