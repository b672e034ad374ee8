// `flyball config`: checks the manifest and says what is in it; with --resolved, prints it as it will be run.
import { resolvedToYaml } from "@flyball/core/manifest";
import { readManifest } from "../app/read-manifest.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { flagOption, listOption, textOption } from "../command-line/command-input.ts";

/** Runs the command; exit code 2 when the manifest is invalid. */
export async function config(context: CommandContext, input: CommandInput): Promise<number> {
  const { output, translate } = context;
  const { path, spec } = await readManifest(context, {
    target: textOption(input, "target"),
    profiles: listOption(input, "profile"),
  });
  if (flagOption(input, "resolved")) {
    output.value(spec, () => resolvedToYaml(spec).trimEnd());
    return 0;
  }
  const services = Object.keys(spec.services);
  const models = Object.keys(spec.models);
  output.value({ path, app: spec.name, target: spec.target.name, services, models }, () =>
    translate("config.valid", {
      path,
      target: spec.target.name,
      services: services.join(", ") || "-",
      models: models.join(", ") || "-",
    }),
  );
  return 0;
}
