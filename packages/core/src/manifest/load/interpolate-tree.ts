// Fills the variables of all values of a manifest (never of keys). `targets` and `include` are left alone: overlays are laid over the
// manifest before this, those of other targets must not ask for variables, and includes were followed already.
import type { PathProblem } from "../problems/problem-list.ts";
import { resolvePlain } from "../source/convert-scalar.ts";
import type { ManifestNode, ManifestPath, MapEntry, ScalarNode } from "../source/manifest-node.ts";
import { interpolateText, type VariableSource } from "./interpolate-text.ts";

/** A placeholder that stays for the start of an instance, and where it stands. */
export interface FoundPlaceholder {
  readonly path: ManifestPath;
  /** `secrets.pg`. */
  readonly name: string;
}

/** What came of it. */
export interface InterpolatedTree {
  readonly root: ManifestNode;
  readonly placeholders: readonly FoundPlaceholder[];
  readonly problems: readonly PathProblem[];
}

const LEFT_ALONE: ReadonlySet<string> = new Set(["targets", "include"]);

/** Fills every scalar. */
export function interpolateTree(tree: ManifestNode, source: VariableSource): InterpolatedTree {
  const placeholders: FoundPlaceholder[] = [];
  const problems: PathProblem[] = [];
  const visit = (node: ManifestNode, path: ManifestPath): ManifestNode => {
    if (node.kind === "scalar") return fillScalar(node, path);
    if (node.kind === "list") return { ...node, items: node.items.map((item, index) => visit(item, [...path, index])) };
    const entries = new Map<string, MapEntry>();
    for (const [key, entry] of node.entries) {
      const isLeft = path.length === 0 && LEFT_ALONE.has(key);
      entries.set(key, isLeft ? entry : { keyAt: entry.keyAt, value: visit(entry.value, [...path, key]) });
    }
    return { ...node, entries };
  };
  const fillScalar = (node: ScalarNode, path: ManifestPath): ScalarNode => {
    if (typeof node.value !== "string" || !node.value.includes("$")) return node;
    const filled = interpolateText(node.value, source);
    for (const message of filled.complaints) problems.push({ path, code: "FB_MANIFEST_VARIABLE", message });
    for (const name of path[0] === "services" ? filled.escaped : []) {
      const message = `a literal \${${name}} cannot be written here, because it would be filled in at the start`;
      problems.push({ path, code: "FB_MANIFEST_PLACEHOLDER", message });
    }
    for (const name of filled.placeholders) placeholders.push({ path, name });
    const value = node.isPlain && filled.placeholders.length === 0 ? resolvePlain(filled.text) : filled.text;
    return { ...node, value, source: filled.text };
  };
  return { root: visit(tree, []), placeholders, problems };
}
