// Reads a manifest: files → one tree with places → overlay and options laid over it → variables filled in → schema → checks → app.
// Every mistake is found in one go and points to where it was written. The only I/O is the `readFile` that is given.
import { dirname, resolve } from "node:path";
import type { AppSpec } from "../../app-spec.ts";
import type { CheckContext, NamedKind } from "../check/check-context.ts";
import { runChecks } from "../check/run-checks.ts";
import type { ManifestProblem } from "../problems/manifest-problem.ts";
import { nearestName } from "../problems/nearest-name.ts";
import { createProblemList, type ProblemList } from "../problems/problem-list.ts";
import type { ManifestInput } from "../schema/manifest.ts";
import { resolveApp } from "../resolve/resolve-app.ts";
import { COMMAND_LINE_FILE, fromPlain } from "../source/from-plain.ts";
import { locationOf, nodeAt, type ManifestNode, type ManifestPath } from "../source/manifest-node.ts";
import { asText } from "./as-text.ts";
import { checkOtherTargets } from "./check-other-targets.ts";
import { chooseTarget, DEFAULT_TARGET } from "./choose-target.ts";
import { dropExtensions } from "./drop-extensions.ts";
import { interpolateTree } from "./interpolate-tree.ts";
import { createManifestFiles, type ManifestFiles, type ReadFile } from "./manifest-files.ts";
import { mergeNodes } from "./merge-nodes.ts";
import { readAttachments } from "./read-attachments.ts";
import { readAuthorities } from "./read-authorities.ts";
import { readCertificates } from "./read-certificates.ts";
import { readManifestTree } from "./read-manifest-tree.ts";
import { validateStructure } from "./validate-structure.ts";

/** How to read a manifest. */
export interface LoadManifestOptions {
  /** Path of the manifest, absolute or relative to the working folder. Problems show it as it is given. */
  readonly path: string;
  /** Name of a target; default `local`. */
  readonly target?: string | undefined;
  /** Profiles whose services belong to the app. */
  readonly profiles?: readonly string[] | undefined;
  /** Variables for `${VAR}`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A part of a manifest from command line options, laid over everything else; null removes a key. */
  readonly amendments?: Readonly<Record<string, unknown>> | undefined;
  /** Reads a whole file; rejects as `fs.promises.readFile` does. */
  readonly readFile: ReadFile;
}

/** The app, or everything that is wrong. */
export type LoadedManifest =
  | {
      readonly ok: true;
      readonly spec: AppSpec;
      /** Absolute paths of every file that was read, the manifest first. */
      readonly files: readonly string[];
      /** Names of the variables that were asked for, sorted. */
      readonly usedVariables: readonly string[];
    }
  | {
      readonly ok: false;
      /** Sorted by place; at most 50. */
      readonly problems: readonly ManifestProblem[];
      /** How many more there are. */
      readonly omitted: number;
      readonly files: readonly string[];
    };

/**
 * Loads a manifest. Never throws for anything that stands in a file.
 *
 * @example
 * const loaded = await loadManifest({ path: "flyball.yaml", environment: process.env, readFile });
 * if (!loaded.ok) console.error(formatProblems(loaded.problems));
 */
export async function loadManifest(options: LoadManifestOptions): Promise<LoadedManifest> {
  const files = createManifestFiles(options.readFile);
  const problems = createProblemList();
  const used = new Set<string>();
  const spec = await load(options, { files, problems, used });
  if (spec !== undefined && problems.count === 0)
    return { ok: true, spec, files: files.asked, usedVariables: [...used].toSorted() };
  const sorted = problems.sorted(options.path);
  return { ok: false, problems: sorted, omitted: problems.count - sorted.length, files: files.asked };
}

interface LoadState {
  readonly files: ManifestFiles;
  readonly problems: ProblemList;
  readonly used: Set<string>;
}

async function load(options: LoadManifestOptions, { files, problems, used }: LoadState): Promise<AppSpec | undefined> {
  const variables = { environment: options.environment, used };
  const read = await readManifestTree(options.path, { files, variables, report: (problem) => problems.add(problem) });
  if (read === undefined || problems.count > 0) return undefined;
  const targetName = options.target ?? DEFAULT_TARGET;
  const chosen = chooseTarget(read, targetName);
  for (const problem of chosen.problems) problems.addAt(read, problem);
  const amended = mergeNodes(chosen.root, fromPlain(options.amendments ?? {}), { nullRemoves: true });
  const filled = interpolateTree(dropExtensions(amended), variables);
  const root = asText(filled.root);
  for (const problem of filled.problems) problems.addAt(root, problem);
  const { input, problems: structural } = validateStructure(root);
  const unset = new Set(filled.problems.map((problem) => JSON.stringify(problem.path)));
  for (const problem of structural) if (!unset.has(JSON.stringify(problem.path))) problems.addAt(root, problem);
  for (const problem of checkOtherTargets(read, targetName, variables)) problems.add(problem);
  if (input === undefined) return undefined;

  const active = activeNames(input, options.profiles ?? [], problems);
  const paths = createPaths(root, options.path);
  const report: CheckContext["report"] = (problem) => problems.addAt(root, problem);
  const attachments = await readAttachments(input, { files, active, resolvePath: paths.resolvePath, report });
  await readCertificates(input, { files, resolvePath: paths.resolvePath, report });
  const authorities = await readAuthorities(input, { files, resolvePath: paths.resolvePath, report });
  const wrong = new Set(structural.map((problem) => JSON.stringify(problem.path)));
  const found = filled.placeholders.filter(({ path }) => !wrong.has(JSON.stringify(path)));
  const placeholders = [...found, ...attachments.placeholders];
  runChecks({ input, declared: declaredNames(root), active, targetType: chosen.target.type, placeholders, report });
  if (problems.count > 0) return undefined;
  return resolveApp({ input, target: chosen.target, active, attachments, authorities, ...paths });
}

/** Services without profiles, and those with one of the chosen. A profile that no service has is a problem. */
function activeNames(input: ManifestInput, profiles: readonly string[], problems: ProblemList): Set<string> {
  const known = new Set(Object.values(input.services).flatMap((service) => service.profiles ?? []));
  for (const profile of profiles) {
    if (known.has(profile)) continue;
    const message = `no service has the profile "${profile}"`;
    const suggestion = nearestName(profile, known);
    const place = { file: COMMAND_LINE_FILE, line: 0, column: 0, path: "" };
    problems.add({
      ...place,
      message,
      code: "FB_MANIFEST_UNKNOWN_NAME",
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  }
  const isActive = (own: readonly string[] | undefined): boolean =>
    own === undefined || own.length === 0 || own.some((profile) => profiles.includes(profile));
  return new Set(
    Object.entries(input.services).flatMap(([name, service]) => (isActive(service.profiles) ? [name] : [])),
  );
}

function declaredNames(root: ManifestNode): Record<NamedKind, Set<string>> {
  const keysOf = (key: string): Set<string> => {
    const node = nodeAt(root, [key]);
    return new Set(node?.kind === "map" ? node.entries.keys() : []);
  };
  return {
    service: keysOf("services"),
    model: keysOf("models"),
    secret: keysOf("secrets"),
    config: keysOf("configs"),
    volume: keysOf("volumes"),
  };
}

interface Paths {
  readonly resolvePath: (path: ManifestPath, text: string) => string;
  readonly directoryOf: (path: ManifestPath) => string;
}

/** Paths are relative to the file in which they stand; those of the command line to the manifest. */
function createPaths(root: ManifestNode, manifestPath: string): Paths {
  const directory = (file: string): string => dirname(resolve(file === COMMAND_LINE_FILE ? manifestPath : file));
  return {
    resolvePath: (path, text) => resolve(directory(locationOf(root, path).file), text),
    directoryOf: (path) => directory(locationOf(root, path, "key").file),
  };
}
