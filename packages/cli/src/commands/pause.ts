// `flyball pause [service]`: freezes every automatic action but ejection, for a time or until `resume`.
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { textOption } from "../command-line/command-input.ts";
import { parseDuration } from "../command-line/parse-duration.ts";
import { requireService } from "../command-line/require-service.ts";
import { formatMoment } from "../render/moment.ts";

/** Runs the command. */
export async function pause(context: CommandContext, input: CommandInput): Promise<number> {
  const { output, translate, commandName } = context;
  const [service] = input.positionals;
  const duration = textOption(input, "for");
  const forMs = duration === undefined ? undefined : parseDuration(duration, "--for");
  const reason = textOption(input, "reason") ?? translate("pause.default-reason");
  const { app, control } = await openControl(context);
  if (service !== undefined) requireService(await control.status(), service);
  const result = await control.pause({
    reason,
    ...(service === undefined ? {} : { service }),
    ...(forMs === undefined ? {} : { forMs }),
  });
  const what = service ?? app.app;
  const { expiresAt } = result.override;
  output.value(result, () =>
    expiresAt === undefined
      ? translate("pause.done", { what })
      : translate("pause.done-until", { what, until: formatMoment(expiresAt) }),
  );
  output.note(
    translate("error.try", { command: `${commandName} resume${service === undefined ? "" : ` ${service}`}` }),
  );
  return 0;
}
