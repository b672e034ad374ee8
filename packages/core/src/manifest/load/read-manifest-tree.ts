// Reads the manifest and the files that it includes, and merges them: included files in their order, later ones winning, the
// including file over all of them.
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { ManifestProblem } from "../problems/manifest-problem.ts";
import { formatPath } from "../problems/manifest-problem.ts";
import { nodeAt, type ManifestNode, type ScalarNode, type SourceLocation } from "../source/manifest-node.ts";
import { parseYaml } from "../source/parse-yaml.ts";
import { interpolateText, type VariableSource } from "./interpolate-text.ts";
import type { ManifestFiles } from "./manifest-files.ts";
import { mergeNodes } from "./merge-nodes.ts";

const MOST_LEVELS = 8;

/** What reading needs and where it reports to. */
export interface ReadTreeContext {
  readonly files: ManifestFiles;
  readonly variables: VariableSource;
  readonly report: (problem: ManifestProblem) => void;
}

/** Reads `path` and everything that it includes. Undefined when it could not be read at all; problems were reported. */
export async function readManifestTree(path: string, context: ReadTreeContext): Promise<ManifestNode | undefined> {
  const read = await context.files.read(path);
  if (!read.ok) {
    const message = read.isMissing ? `no manifest at ${path}` : `${path} cannot be read: ${read.reason}`;
    const code = read.isMissing ? "FB_MANIFEST_NOT_FOUND" : "FB_MANIFEST_UNREADABLE";
    context.report({ file: path, line: 0, column: 0, path: "", message, code });
    return undefined;
  }
  return readText(path, { text: read.text, chain: [resolve(path)] }, context);
}

interface OpenFile {
  readonly text: string;
  /** Absolute paths from the manifest to this file. */
  readonly chain: readonly string[];
}

async function readText(
  path: string,
  { text, chain }: OpenFile,
  context: ReadTreeContext,
): Promise<ManifestNode | undefined> {
  const parsed = parseYaml(path, text);
  if (!parsed.ok) {
    for (const problem of parsed.problems) context.report(problem);
    return undefined;
  }
  const own = parsed.root;
  if (own.kind !== "map") {
    context.report(problemAt(own.at, [], "expected a map with keys like name and services", "FB_MANIFEST_WRONG_VALUE"));
    return undefined;
  }
  const include = nodeAt(own, ["include"]);
  if (include?.kind !== "list") return own;
  let merged: ManifestNode | undefined;
  for (const [index, item] of include.items.entries()) {
    if (item.kind !== "scalar" || typeof item.value !== "string" || item.value === "") continue;
    const included = await readInclude(item, { path, chain, index }, context);
    if (included === undefined) continue;
    merged = merged === undefined ? included : mergeNodes(merged, included, { nullRemoves: false });
  }
  return merged === undefined ? own : mergeNodes(merged, own, { nullRemoves: false });
}

interface Includer {
  readonly path: string;
  readonly chain: readonly string[];
  readonly index: number;
}

async function readInclude(
  item: ScalarNode,
  from: Includer,
  context: ReadTreeContext,
): Promise<ManifestNode | undefined> {
  const place = ["include", from.index];
  const filled = interpolateText(String(item.value), context.variables);
  const complaint =
    filled.complaints[0] ?? (filled.placeholders.length > 0 ? "a placeholder cannot stand here" : undefined);
  if (complaint !== undefined) {
    context.report(problemAt(item.at, place, complaint, "FB_MANIFEST_VARIABLE"));
    return undefined;
  }
  const path = isAbsolute(filled.text) ? filled.text : join(dirname(from.path), filled.text);
  const absolute = resolve(path);
  const refusal = refuseInclude(absolute, from.chain);
  if (refusal !== undefined) {
    context.report(problemAt(item.at, place, refusal, "FB_MANIFEST_INCLUDE"));
    return undefined;
  }
  const read = await context.files.read(path);
  if (!read.ok) {
    context.report(
      problemAt(item.at, place, `"${filled.text}" cannot be read: ${read.reason}`, "FB_MANIFEST_UNREADABLE"),
    );
    return undefined;
  }
  return readText(path, { text: read.text, chain: [...from.chain, absolute] }, context);
}

function refuseInclude(absolute: string, chain: readonly string[]): string | undefined {
  if (chain.length > MOST_LEVELS) return `includes are nested deeper than ${MOST_LEVELS} levels`;
  const first = chain.indexOf(absolute);
  if (first < 0) return undefined;
  const names = [...chain.slice(first), absolute].map((file) => file.slice(dirname(chain[0] ?? "").length + 1));
  return `files include one another in a circle: ${names.join(" → ")}`;
}

function problemAt(
  at: SourceLocation,
  path: readonly (string | number)[],
  message: string,
  code: ManifestProblem["code"],
): ManifestProblem {
  return { ...at, path: formatPath(path), message, code };
}
