// Two sets of changes as one: maps are merged, everything else is replaced by the later one, as an overlay does.

type Tree = Readonly<Record<string, unknown>>;

/** Merges `later` over `earlier` without changing either. */
export function mergeAmendments(earlier: Tree, later: Tree): Tree {
  const merged: Record<string, unknown> = { ...earlier };
  for (const [key, value] of Object.entries(later)) {
    const before = merged[key];
    merged[key] = isTree(before) && isTree(value) ? mergeAmendments(before, value) : value;
  }
  return merged;
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
