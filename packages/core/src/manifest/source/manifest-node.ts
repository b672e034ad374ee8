// A manifest as it was written: values with the place of each key and value. Merging, interpolation and checks keep the places, so
// that every problem points to the file, line and column where a person can correct it.

/** A place in a file. Line and column count from 1; both are 0 where a value came from command line options. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A value with its place. */
export type ManifestNode = MapNode | ListNode | ScalarNode;

/** A map in the order in which it was written. */
export interface MapNode {
  readonly kind: "map";
  readonly at: SourceLocation;
  readonly entries: ReadonlyMap<string, MapEntry>;
}

/** One key of a map. */
export interface MapEntry {
  readonly keyAt: SourceLocation;
  readonly value: ManifestNode;
}

/** A list. */
export interface ListNode {
  readonly kind: "list";
  readonly at: SourceLocation;
  readonly items: readonly ManifestNode[];
}

/** Text, number, boolean or null. */
export interface ScalarNode {
  readonly kind: "scalar";
  readonly at: SourceLocation;
  readonly value: string | number | boolean | null;
  /** As it was written: `1.10` keeps its zero where a text is wanted. */
  readonly source: string;
  /** Written without quotes: after interpolation it may become a number or a boolean. */
  readonly isPlain: boolean;
}

/** Keys and indices from the top of the manifest. */
export type ManifestPath = readonly (string | number)[];

/** The child under a key or index; undefined when there is none. */
export function childOf(node: ManifestNode | undefined, step: string | number): ManifestNode | undefined {
  if (node === undefined || node.kind === "scalar") return undefined;
  if (node.kind === "list") return typeof step === "number" ? node.items[step] : undefined;
  return node.entries.get(String(step))?.value;
}

/** The node at a path; undefined when there is none. */
export function nodeAt(root: ManifestNode, path: ManifestPath): ManifestNode | undefined {
  let node: ManifestNode | undefined = root;
  for (const step of path) node = childOf(node, step);
  return node;
}

/**
 * Where a path stands: the place of its value, or of its key. A path that does not exist (a missing key) stands at the key of its
 * nearest ancestor that does.
 */
export function locationOf(root: ManifestNode, path: ManifestPath, part: "key" | "value" = "value"): SourceLocation {
  let node: ManifestNode = root;
  let location = root.at;
  for (const [index, step] of path.entries()) {
    const entry: MapEntry | undefined = node.kind === "map" ? node.entries.get(String(step)) : undefined;
    const child = entry?.value ?? childOf(node, step);
    if (child === undefined) return location;
    const isLast = index === path.length - 1;
    location = entry !== undefined && (!isLast || part === "key") ? entry.keyAt : child.at;
    node = child;
  }
  return location;
}

/** The value without places. Maps have no prototype, so no key can reach one. */
export function toPlain(node: ManifestNode): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(toPlain);
  const plain: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, entry] of node.entries) plain[key] = toPlain(entry.value);
  return plain;
}

/** A map with one key replaced, added, or (undefined) removed. */
export function withEntry(map: MapNode, key: string, entry: MapEntry | undefined): MapNode {
  const entries = new Map(map.entries);
  if (entry === undefined) entries.delete(key);
  else entries.set(key, entry);
  return { ...map, entries };
}
