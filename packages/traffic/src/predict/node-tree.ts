// All nodes, in a tree without idle levels: a client with one route, one prompt and one kind of request is one node, and the levels are told
// apart when a second route or prompt is seen. Nothing is lost by that, for until then the parent has seen exactly what the child has.
// The tree is bounded: the node that was used longest ago goes first, and since a path is used from its end, that is a leaf.
import { createCopy, createNode, firstOtherLevel, type OutputNode } from "./output-node.ts";
import { LEVEL_COUNT } from "./trait-path.ts";

/** A bounded tree of nodes. */
export interface NodeTree {
  /** Writes the nodes of a path into `chain`, the root first, and gives their number. Changes nothing. */
  find(path: Float64Array, chain: OutputNode[]): number;
  /** As `find`, but the path gets a node of its own where it leaves what others have in common. */
  grow(path: Float64Array, chain: OutputNode[]): number;
  readonly size: number;
  readonly maxNodes: number;
  /** All nodes, the one that was used longest ago first. */
  nodes(): Iterable<OutputNode>;
  /** Puts in a node that was saved, as the one used last. */
  put(node: OutputNode): void;
}

/** An empty tree of at most `maxNodes` nodes (at least two paths). */
export function createNodeTree(maxNodes: number): NodeTree {
  const most = Math.max(2 * LEVEL_COUNT, maxNodes);
  const bySignature = new Map<number, OutputNode>();
  let oldest: OutputNode | undefined;
  let newest: OutputNode | undefined;

  function find(path: Float64Array, chain: OutputNode[]): number {
    let count = 0;
    let level = 0;
    while (level < LEVEL_COUNT) {
      const node = bySignature.get(path[level] as number);
      if (node === undefined || node.from !== level) break;
      chain[count] = node;
      count += 1;
      const other = firstOtherLevel(node, path);
      if (other <= node.to) break;
      level = other;
    }
    return count;
  }

  function grow(path: Float64Array, chain: OutputNode[]): number {
    let count = find(path, chain);
    const last = count === 0 ? undefined : chain[count - 1];
    const level = last === undefined ? 0 : firstOtherLevel(last, path);
    if (last !== undefined && level <= last.to) split(last, level);
    if (level < LEVEL_COUNT) {
      const node = createNode(path, level, LEVEL_COUNT - 1);
      if (last !== undefined) node.parentEpoch = last.epoch;
      link(node);
      chain[count] = node;
      count += 1;
    }
    for (let index = count - 1; index >= 0; index -= 1) use(chain[index] as OutputNode);
    while (bySignature.size > most) dropOldest();
    return count;
  }

  /** The node keeps the levels above `level`; a copy of it takes over the others, with its children. */
  function split(node: OutputNode, level: number): void {
    const copy = createCopy(node, level);
    node.to = level - 1;
    link(copy);
  }

  function link(node: OutputNode): void {
    bySignature.set(node.path[node.from] as number, node);
    node.older = newest;
    if (newest === undefined) oldest = node;
    else newest.newer = node;
    newest = node;
  }

  function dropOldest(): void {
    if (oldest === undefined) return;
    bySignature.delete(oldest.path[oldest.from] as number);
    cut(oldest);
  }

  function cut(node: OutputNode): void {
    if (node.older === undefined) oldest = node.newer;
    else node.older.newer = node.newer;
    if (node.newer === undefined) newest = node.older;
    else node.newer.older = node.older;
    node.older = undefined;
    node.newer = undefined;
  }

  function use(node: OutputNode): void {
    if (node === newest) return;
    cut(node);
    node.older = newest;
    if (newest === undefined) oldest = node;
    else newest.newer = node;
    newest = node;
  }

  return {
    find,
    grow,
    maxNodes: most,
    get size() {
      return bySignature.size;
    },
    *nodes() {
      for (let node = oldest; node !== undefined; node = node.newer) yield node;
    },
    put: link,
  };
}
