// What was seen at one place of the hierarchy: the last 32 answers as they came, and once there are more, a histogram in which old ones fade.
// A young node is therefore forty bytes and exact; an old one can be compared with its own recent past, which shows when a client changes.
import { BIN_COUNT } from "./token-bins.ts";
import { LEVEL_COUNT } from "./trait-path.ts";

/** Answers that a node remembers one by one. */
export const RECENT = 32;
/** After this many answers an old one counts half. */
const HALF_LIFE = 300;
const GROWTH = 2 ** (1 / HALF_LIFE);
/** Weights are scaled down before they leave the exact range of 32-bit numbers. */
export const HEAVIEST_WEIGHT: number = 2 ** 16;

/** One node; plain numbers, changed in place. At most 1.7 kB. */
export interface OutputNode {
  /** Signatures of its whole path; those up to `to` are its own. */
  readonly path: Float64Array;
  /** It stands for the levels `from` … `to`: all its answers had the same traits on each of them. */
  from: number;
  to: number;
  /** Bins of the last answers, a ring; `recentCount` of them are used and the next goes to `recentNext`. */
  readonly recent: Uint8Array;
  recentCount: number;
  recentNext: number;
  /** Decayed counts by bin; undefined while the ring holds everything. */
  row: Float32Array | undefined;
  /** Bins outside of `lowBin` … `highBin` are empty in the row. */
  lowBin: number;
  highBin: number;
  total: number;
  nextWeight: number;
  /** Evidence that the client changed, in nats, and how many answers it comes from. */
  drift: number;
  driftCount: number;
  /** Part of an answer that is not counted yet; below 1. */
  credit: number;
  /** How often it was begun again; and its parent, when it last looked. */
  epoch: number;
  parentEpoch: number;
  /** Neighbours in the order of use. */
  older: OutputNode | undefined;
  newer: OutputNode | undefined;
}

/** A node that has seen nothing. */
export function createNode(path: Float64Array, from: number, to: number): OutputNode {
  return {
    path: Float64Array.from(path),
    from,
    to,
    recent: new Uint8Array(RECENT),
    recentCount: 0,
    recentNext: 0,
    row: undefined,
    lowBin: BIN_COUNT,
    highBin: -1,
    total: 0,
    nextWeight: 1,
    drift: 0,
    driftCount: 0,
    credit: 0,
    epoch: 0,
    parentEpoch: 0,
    older: undefined,
    newer: undefined,
  };
}

/** A node that stands for `level` and below and has seen exactly what `node` has. */
export function createCopy(node: OutputNode, level: number): OutputNode {
  const copy: OutputNode = { ...node, path: Float64Array.from(node.path), recent: Uint8Array.from(node.recent) };
  copy.from = level;
  copy.row = node.row && Float32Array.from(node.row);
  copy.parentEpoch = node.epoch;
  copy.older = undefined;
  copy.newer = undefined;
  return copy;
}

/** The level below which `path` leaves the node's; `to + 1` when it does not. */
export function firstOtherLevel(node: OutputNode, path: Float64Array): number {
  if (node.path[node.to] === path[node.to]) return node.to + 1;
  let level = node.from + 1;
  while (level < LEVEL_COUNT && node.path[level] === path[level]) level += 1;
  return level;
}

/** Answers that a node stands for; old ones count for less than 1. */
export function seenOf(node: OutputNode): number {
  return node.row === undefined ? node.recentCount : node.total / node.nextWeight;
}

/** Share of the node's answers in the bins `low` … `high`; 0 when it has none. */
export function shareBetween(node: OutputNode, low: number, high: number): number {
  const { row } = node;
  if (row === undefined) return node.recentCount === 0 ? 0 : recentBetween(node, low, high) / node.recentCount;
  let sum = 0;
  const last = Math.min(high, node.highBin);
  for (let bin = Math.max(low, node.lowBin); bin <= last; bin += 1) sum += row[bin] as number;
  return sum / node.total;
}

/** How many of the last answers lie in the bins `low` … `high`. */
export function recentBetween({ recent, recentCount }: OutputNode, low: number, high: number): number {
  let count = 0;
  for (let index = 0; index < recentCount; index += 1) {
    const bin = recent[index] as number;
    if (bin >= low && bin <= high) count += 1;
  }
  return count;
}

/** Adds the node's distribution, weighing `weight` as a whole, to `masses`. */
export function addTo(masses: number[], node: OutputNode, weight: number): void {
  const { row, recent, recentCount } = node;
  if (row === undefined) {
    const each = weight / recentCount;
    for (let index = 0; index < recentCount; index += 1) {
      const bin = recent[index] as number;
      masses[bin] = (masses[bin] as number) + each;
    }
    return;
  }
  const scale = weight / node.total;
  for (let bin = node.lowBin; bin <= node.highBin; bin += 1) {
    masses[bin] = (masses[bin] as number) + scale * (row[bin] as number);
  }
}

/** Counts one answer. Allocates only when the ring is full for the first time. */
export function countAnswer(node: OutputNode, bin: number): void {
  if (node.row === undefined && node.recentCount === RECENT) beginRow(node);
  node.recent[node.recentNext] = bin;
  node.recentNext = (node.recentNext + 1) % RECENT;
  if (node.recentCount < RECENT) node.recentCount += 1;
  if (node.row !== undefined) addToRow(node, node.row, bin);
}

/** Bins of the last `count` answers, the oldest first. */
export function lastAnswers(node: OutputNode, count: number): Uint8Array {
  const kept = Math.min(count, node.recentCount);
  return Uint8Array.from({ length: kept }, (_, index) => {
    return node.recent[(node.recentNext - kept + index + RECENT) % RECENT] as number;
  });
}

/** Forgets all but the last `keep` answers. */
export function restart(node: OutputNode, keep: number): void {
  const kept = lastAnswers(node, keep);
  node.recent.set(kept);
  node.recentCount = kept.length;
  node.recentNext = kept.length % RECENT;
  node.row = undefined;
  node.lowBin = BIN_COUNT;
  node.highBin = -1;
  node.total = 0;
  node.nextWeight = 1;
  node.drift = 0;
  node.driftCount = 0;
  node.epoch += 1;
}

function beginRow(node: OutputNode): void {
  const row = new Float32Array(BIN_COUNT);
  node.row = row;
  for (const bin of lastAnswers(node, RECENT)) addToRow(node, row, bin);
}

function addToRow(node: OutputNode, row: Float32Array, bin: number): void {
  row[bin] = (row[bin] as number) + node.nextWeight;
  node.total += node.nextWeight;
  if (bin < node.lowBin) node.lowBin = bin;
  if (bin > node.highBin) node.highBin = bin;
  node.nextWeight *= GROWTH;
  if (node.nextWeight > HEAVIEST_WEIGHT) scaleDown(node, row);
}

/** Also what rounding has lost from the total is mended here. */
function scaleDown(node: OutputNode, row: Float32Array): void {
  const scale = 1 / node.nextWeight;
  node.total = 0;
  for (let bin = node.lowBin; bin <= node.highBin; bin += 1) {
    row[bin] = (row[bin] as number) * scale;
    node.total += row[bin] as number;
  }
  node.nextWeight = 1;
}
