// `flyball scale <service> <replicas>`: writes an override of the number of instances; `name=3` is understood too.
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { parseWholeNumber, textOption } from "../command-line/command-input.ts";
import { requireService } from "../command-line/require-service.ts";
import { usageError } from "../messages/localised-error.ts";

/** Runs the command. */
export async function scale(context: CommandContext, input: CommandInput): Promise<number> {
  const { service, replicas } = parseScale(input.positionals);
  const { control } = await openControl(context);
  requireService(await control.status(), service);
  const reason = textOption(input, "reason");
  const result = await control.scale({ service, replicas, ...(reason === undefined ? {} : { reason }) });
  context.output.value(result, () => context.translate("scale.done", { service, replicas }));
  return 0;
}

/** `language 3` and `language=3`. */
export function parseScale(positionals: readonly string[]): { readonly service: string; readonly replicas: number } {
  const [first = "", second] = positionals;
  const [service = "", inline] = first.split("=", 2);
  const text = second ?? inline;
  if (text === undefined)
    throw usageError(
      "usage.missing-argument",
      { argument: "replicas", command: "flyball scale" },
      "flyball scale --help",
    );
  return { service, replicas: parseWholeNumber(text, "replicas", { min: 0, max: 1_000 }) };
}
