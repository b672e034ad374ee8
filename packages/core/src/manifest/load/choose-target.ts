// Lays the overlay of the chosen target over the manifest.
import type { TargetSpec } from "../../app-spec.ts";
import { nearestName } from "../problems/nearest-name.ts";
import type { PathProblem } from "../problems/problem-list.ts";
import { childOf, nodeAt, type ManifestNode } from "../source/manifest-node.ts";
import { mergeNodes } from "./merge-nodes.ts";

/** The target that is used when none is named. */
export const DEFAULT_TARGET = "local";

const TYPES = ["local", "docker", "swarm", "kubernetes"] as const;
/** Keys that an overlay cannot change: they decide which files and overlays are read at all. */
const FIXED = ["include", "targets", "apiVersion"];

/** The manifest for one target. */
export interface ChosenTarget {
  readonly root: ManifestNode;
  readonly target: TargetSpec;
  readonly problems: readonly PathProblem[];
}

/** Names of all targets of the manifest. */
export function targetNames(root: ManifestNode): string[] {
  const targets = nodeAt(root, ["targets"]);
  return targets?.kind === "map" ? [...targets.entries.keys()] : [];
}

/** Merges the overlay of `name`. The target `local` always exists. */
export function chooseTarget(root: ManifestNode, name: string): ChosenTarget {
  const problems: PathProblem[] = [];
  const entry = nodeAt(root, ["targets", name]);
  if (entry === undefined && name !== DEFAULT_TARGET) {
    const known = [...targetNames(root), DEFAULT_TARGET];
    const message = `there is no target "${name}"; targets are ${[...new Set(known)].join(", ")}`;
    problems.push({
      path: ["targets"],
      code: "FB_MANIFEST_UNKNOWN_NAME",
      message,
      suggestion: nearestName(name, known),
      part: "key",
    });
  }
  const overlay = childOf(entry, "overlay");
  if (overlay?.kind === "map") {
    for (const key of FIXED) {
      if (!overlay.entries.has(key)) continue;
      const message = `"${key}" cannot be changed by an overlay`;
      problems.push({ path: ["targets", name, "overlay", key], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
    }
  }
  const merged =
    overlay?.kind === "map" && problems.length === 0 ? mergeNodes(root, overlay, { nullRemoves: true }) : root;
  return { root: merged, target: { name, type: readType(childOf(entry, "type")) }, problems };
}

function readType(node: ManifestNode | undefined): TargetSpec["type"] {
  const value = node?.kind === "scalar" ? node.value : undefined;
  return TYPES.find((type) => type === value) ?? "local";
}
