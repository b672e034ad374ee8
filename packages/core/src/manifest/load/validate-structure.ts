// Applies the schema. Where parts do not fit, their problems are reported and the parts are left out, so that the parts that do fit are
// still checked against one another: a person sees all mistakes at once, not one layer after the other.
import { manifest, type ManifestInput } from "../schema/manifest.ts";
import type { PathProblem } from "../problems/problem-list.ts";
import { translateIssues } from "../problems/translate-issues.ts";
import { nodeAt, toPlain, withEntry, type ManifestNode, type MapNode } from "../source/manifest-node.ts";

/** The parts that fit, and what is wrong with the others. */
export interface ValidatedStructure {
  /** Undefined when nothing useful fits. */
  readonly input: ManifestInput | undefined;
  readonly problems: readonly PathProblem[];
}

/** Maps whose entries are left out one by one. */
const BY_ENTRY: ReadonlySet<string> = new Set(["services", "models", "secrets", "configs", "volumes", "targets"]);

/** Checks a merged, interpolated tree. */
export function validateStructure(root: ManifestNode): ValidatedStructure {
  const first = manifest.safeParse(toPlain(root));
  if (first.success) return { input: first.data, problems: [] };
  const problems = translateIssues(first.error.issues, { schema: manifest, root });
  const rest = leaveOut(
    root,
    first.error.issues.map((issue) => issue.path as (string | number)[]),
  );
  const second = manifest.safeParse(toPlain(rest));
  return { input: second.success ? second.data : undefined, problems };
}

function leaveOut(root: ManifestNode, paths: readonly (readonly (string | number)[])[]): ManifestNode {
  if (root.kind !== "map") return root;
  let rest: MapNode = root;
  for (const path of paths) {
    const [top, name] = path;
    if (top === undefined) rest = onlyKnownKeys(rest);
    else if (top === "name") rest = withEntry(rest, "name", { keyAt: root.at, value: placeholderName(root) });
    else if (name !== undefined && BY_ENTRY.has(String(top))) rest = withoutNested(rest, String(top), String(name));
    else rest = withEntry(rest, String(top), undefined);
  }
  return rest;
}

function onlyKnownKeys(map: MapNode): MapNode {
  const known = new Set(Object.keys(manifest.shape));
  return { ...map, entries: new Map([...map.entries].filter(([key]) => known.has(key))) };
}

function placeholderName(root: ManifestNode): ManifestNode {
  return { kind: "scalar", at: root.at, value: "unnamed", source: "unnamed", isPlain: false };
}

function withoutNested(map: MapNode, key: string, name: string): MapNode {
  const holder = nodeAt(map, [key]);
  const entry = map.entries.get(key);
  if (holder?.kind !== "map" || entry === undefined) return map;
  return withEntry(map, key, { keyAt: entry.keyAt, value: withEntry(holder, name, undefined) });
}
