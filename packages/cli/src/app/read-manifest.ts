// Reads the manifest for a command. Its problems are printed one a line and end the command with code 2.
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type AppSpec, FlyballError } from "@flyball/core";
import { formatProblems, loadManifest } from "@flyball/core/manifest";
import type { CommandContext } from "../command-line/command-context.ts";
import { type LocatedManifest, requireManifest } from "./locate-manifest.ts";

/** How to read it. */
export interface ReadManifestOptions {
  readonly target?: string | undefined;
  readonly profiles?: readonly string[];
  readonly amendments?: Readonly<Record<string, unknown>>;
}

/** A manifest that is valid for its target. */
export interface ReadManifest extends LocatedManifest {
  readonly directory: string;
  readonly spec: AppSpec;
  /** Every file that was read. */
  readonly files: readonly string[];
  /** Variables that were filled in while it was read. */
  readonly usedVariables: readonly string[];
}

/** Loads the manifest that is meant; FB_MANIFEST_NOT_FOUND or FB_MANIFEST_INVALID with every problem in its message. */
export async function readManifest(context: CommandContext, options: ReadManifestOptions = {}): Promise<ReadManifest> {
  const located = requireManifest(context);
  const result = await loadManifest({
    path: located.path,
    ...(options.target === undefined ? {} : { target: options.target }),
    profiles: options.profiles ?? [],
    environment: context.environment,
    amendments: options.amendments ?? {},
    readFile: (path) => readFile(path, "utf8"),
  });
  if (!result.ok)
    throw new FlyballError("FB_MANIFEST_INVALID", {
      summary: `\n${formatProblems(result.problems, { relativeTo: context.workingDirectory, omitted: result.omitted })}`,
      problems: result.problems,
    });
  return {
    ...located,
    directory: dirname(located.path),
    spec: result.spec,
    files: result.files,
    usedVariables: result.usedVariables,
  };
}
