// The options of `up`, parsed once.
import type { AppSpec } from "@flyball/core";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { parseDuration } from "../command-line/parse-duration.ts";
import { flagOption, listOption, numberOption, textOption } from "../command-line/command-input.ts";
import { type ReadManifest, readManifest } from "../app/read-manifest.ts";
import { usageError } from "../messages/localised-error.ts";
import { fetchJson } from "./list-models.ts";
import { mergeAmendments } from "./merge-amendments.ts";
import { modelAmendment } from "./model-amendment.ts";
import { parseModelChoice } from "./model-choice.ts";
import { portAmendment } from "./port-amendment.ts";

/** What was asked for. */
export interface UpOptions {
  readonly isDetached: boolean;
  readonly port: number | undefined;
  readonly model: string | undefined;
  readonly target: string | undefined;
  readonly profiles: readonly string[];
  /** How long to wait for the revision. */
  readonly timeoutMs: number | undefined;
}

/** Parses the options; FB_CLI_USAGE for a port or a duration that is none. */
export function parseUpOptions(input: CommandInput): UpOptions {
  const timeout = textOption(input, "timeout");
  return {
    isDetached: flagOption(input, "detach"),
    port: numberOption(input, "port", { min: 1, max: 65_535 }),
    model: textOption(input, "model"),
    target: textOption(input, "target"),
    profiles: listOption(input, "profile"),
    timeoutMs: timeout === undefined ? undefined : parseDuration(timeout, "--timeout"),
  };
}

/** A manifest with the changes that the options make, to be applied and watched with the same changes. */
export interface AmendedManifest extends ReadManifest {
  readonly amendments: Readonly<Record<string, unknown>>;
}

/** Reads the manifest, and once more with the amendments of `--port` and `--model` when there are any. */
export async function readAmended(context: CommandContext, options: UpOptions): Promise<AmendedManifest> {
  const { target, profiles } = options;
  const plain = await readManifest(context, { target, profiles });
  const { name, type } = plain.spec.target;
  if (type !== "local") throw usageError("up.target-unsupported", { target: name, type }, "flyball up --target local");
  const amendments = await amendmentsOf(plain.spec, context, options);
  if (Object.keys(amendments).length === 0) return { ...plain, amendments };
  return { ...(await readManifest(context, { target, profiles, amendments })), amendments };
}

async function amendmentsOf(
  spec: AppSpec,
  context: CommandContext,
  options: UpOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const { environment } = context;
  const port = options.port === undefined ? {} : portAmendment(spec, options.port);
  const model =
    options.model === undefined
      ? {}
      : await modelAmendment(parseModelChoice(options.model, spec), { environment, fetchJson });
  return mergeAmendments(port, model);
}
