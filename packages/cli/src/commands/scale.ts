// `flyball scale <service> <replicas>`: writes an override of the number of instances; `name=3` is understood too. With `auto` what a person
// has set goes, and the manifest decides again, or the load.
import { openControl } from "../app/open-control.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { parseWholeNumber, textOption } from "../command-line/command-input.ts";
import { parseDuration } from "../command-line/parse-duration.ts";
import { requireService } from "../command-line/require-service.ts";
import { usageError } from "../messages/localised-error.ts";
import { formatMoment } from "../render/moment.ts";

/** Runs the command. */
export async function scale(context: CommandContext, input: CommandInput): Promise<number> {
  const { service, replicas } = parseScale(input.positionals);
  const duration = textOption(input, "for");
  const forMs = duration === undefined ? undefined : parseDuration(duration, "--for");
  const { control } = await openControl(context);
  requireService(await control.status(), service);
  const { output, translate } = context;
  if (replicas === "auto") {
    const taken = await control.followManifest({ service });
    output.value(taken, () => translate(taken.removed === 0 ? "scale.nothing-set" : "scale.auto", { service }));
    return 0;
  }
  const reason = textOption(input, "reason");
  const result = await control.scale({
    service,
    replicas,
    ...(forMs === undefined ? {} : { forMs }),
    ...(reason === undefined ? {} : { reason }),
  });
  const { expiresAt } = result.override;
  output.value(result, () =>
    expiresAt === undefined
      ? translate("scale.done", { service, replicas })
      : translate("scale.done-until", { service, replicas, until: formatMoment(expiresAt) }),
  );
  return 0;
}

/** `language 3`, `language=3`, `language auto`. */
export function parseScale(positionals: readonly string[]): {
  readonly service: string;
  readonly replicas: number | "auto";
} {
  const [first = "", second] = positionals;
  const [service = "", inline] = first.split("=", 2);
  const text = second ?? inline;
  if (text === undefined)
    throw usageError(
      "usage.missing-argument",
      { argument: "replicas", command: "flyball scale" },
      "flyball scale --help",
    );
  if (text === "auto") return { service, replicas: "auto" };
  return { service, replicas: parseWholeNumber(text, "replicas", { min: 0, max: 1_000 }) };
}
