// `flyball restart <service[/n]>`: restarts a service's instances, or one. It also cuts a crash loop's waiting time short.
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { textOption } from "../command-line/command-input.ts";
import { parseInstanceName, requireService } from "../command-line/require-service.ts";

/** Runs the command. */
export async function restart(context: CommandContext, input: CommandInput): Promise<number> {
  const { service, instance } = parseInstanceName(input.positionals[0] ?? "");
  const { control } = await openControl(context);
  requireService(await control.status(), service);
  const reason = textOption(input, "reason");
  const result = await control.restart({
    service,
    ...(instance === undefined ? {} : { instance }),
    ...(reason === undefined ? {} : { reason }),
  });
  context.output.value(result, () =>
    context.translate("restart.done", { instances: result.restarted.join(", ") || "-" }),
  );
  return 0;
}
