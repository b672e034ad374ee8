// A mistake in the overlay of a target that is not chosen would otherwise be found on the day of the release. Each overlay is laid over
// the manifest and held against the schema; variables that are not set here are no mistake, their places are passed over.
import { createProblemList } from "../problems/problem-list.ts";
import type { ManifestProblem } from "../problems/manifest-problem.ts";
import { nodeAt, type ManifestNode, type SourceLocation } from "../source/manifest-node.ts";
import { asText } from "./as-text.ts";
import { chooseTarget, targetNames } from "./choose-target.ts";
import { dropExtensions } from "./drop-extensions.ts";
import { interpolateTree } from "./interpolate-tree.ts";
import type { VariableSource } from "./interpolate-text.ts";
import { validateStructure } from "./validate-structure.ts";

/** Most targets that are looked at. */
const MOST_TARGETS = 20;

/** Problems that stand inside the overlays of targets other than `chosen`. */
export function checkOtherTargets(root: ManifestNode, chosen: string, source: VariableSource): ManifestProblem[] {
  const names = targetNames(root).filter((name) => name !== chosen);
  return names.slice(0, MOST_TARGETS).flatMap((name) => checkOverlay(root, name, source));
}

function checkOverlay(root: ManifestNode, name: string, source: VariableSource): ManifestProblem[] {
  const overlay = nodeAt(root, ["targets", name, "overlay"]);
  if (overlay?.kind !== "map") return [];
  const list = createProblemList();
  const chosen = chooseTarget(root, name);
  for (const problem of chosen.problems) list.addAt(root, problem);
  const probe = { environment: source.environment, used: new Set<string>() };
  const filled = interpolateTree(dropExtensions(chosen.root), probe);
  const unset = new Set(filled.problems.map((problem) => JSON.stringify(problem.path)));
  const tree = asText(filled.root);
  for (const problem of validateStructure(tree).problems) {
    if (!unset.has(JSON.stringify(problem.path))) list.addAt(tree, problem);
  }
  const places = placesOf(overlay);
  return list.sorted("").filter((problem) => places.has(placeKey(problem)));
}

function placesOf(node: ManifestNode): Set<string> {
  const places = new Set<string>();
  const visit = (part: ManifestNode): void => {
    places.add(placeKey(part.at));
    if (part.kind === "list") for (const item of part.items) visit(item);
    if (part.kind !== "map") return;
    for (const entry of part.entries.values()) {
      places.add(placeKey(entry.keyAt));
      visit(entry.value);
    }
  };
  visit(node);
  return places;
}

function placeKey({ file, line, column }: SourceLocation): string {
  return `${file}:${line}:${column}`;
}
