// The one rule for laying a part of a manifest over another: maps are merged key by key, everything else is replaced.
import type { ManifestNode, MapEntry } from "../source/manifest-node.ts";

/** How null is read. */
export interface MergeRule {
  /** true (overlays, command line options): null removes the key. false (includes): null is a value like any other. */
  readonly nullRemoves: boolean;
}

/** Lays `over` over `base`; places stay those of the part that each value came from. */
export function mergeNodes(base: ManifestNode | undefined, over: ManifestNode, rule: MergeRule): ManifestNode {
  if (over.kind !== "map") return over;
  const isMerged = base?.kind === "map";
  const entries = new Map<string, MapEntry>(isMerged ? base.entries : []);
  for (const [key, entry] of over.entries) {
    if (rule.nullRemoves && entry.value.kind === "scalar" && entry.value.value === null) {
      entries.delete(key);
      continue;
    }
    const before = entries.get(key);
    const keepsKey = before?.value.kind === "map" && entry.value.kind === "map";
    entries.set(key, {
      keyAt: keepsKey ? before.keyAt : entry.keyAt,
      value: mergeNodes(before?.value, entry.value, rule),
    });
  }
  return { kind: "map", at: isMerged ? base.at : over.at, entries };
}
