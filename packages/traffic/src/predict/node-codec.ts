// A node as bytes, little-endian, exact to the last bit: what is read back foretells the very same. A reader of foreign bytes believes
// nothing: every count and bin is checked, and a node that cannot be is refused.
import { createNode, HEAVIEST_WEIGHT, RECENT, type OutputNode } from "./output-node.ts";
import { BIN_COUNT } from "./token-bins.ts";
import { LEVEL_COUNT } from "./trait-path.ts";

/** from, to, recentCount, driftCount, lowBin, highBin (lowBin above highBin: no histogram). */
const HEAD_BYTES = 6;
/** epoch, parentEpoch; drift, credit, total, nextWeight. */
const NUMBER_BYTES = 2 * 4 + 4 * 8;
/** A total may differ by so much from the sum of its 32-bit parts. */
const ROUNDING = 1e-3;
const MOST_BYTES = HEAD_BYTES + NUMBER_BYTES + LEVEL_COUNT * 8 + RECENT + BIN_COUNT * 4;

/** The nodes as bytes, one behind the other. Some 2 µs a node: a thread that grants requests may do it. */
export function encodeNodes(nodes: Iterable<OutputNode>): Uint8Array {
  let view = new DataView(new ArrayBuffer(64 * 1024));
  let at = 0;
  for (const node of nodes) {
    if (at + MOST_BYTES > view.byteLength) {
      const larger = new Uint8Array(2 * view.byteLength);
      larger.set(new Uint8Array(view.buffer));
      view = new DataView(larger.buffer);
    }
    at = writeNode(view, at, node);
  }
  return new Uint8Array(view.buffer, 0, at);
}

/** The nodes of such bytes; undefined when these are not nodes. */
export function decodeNodes(bytes: Uint8Array): readonly OutputNode[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const nodes: OutputNode[] = [];
  let at = 0;
  while (at < bytes.length) {
    const read = readNode(view, at);
    if (read === undefined) return undefined;
    nodes.push(read.node);
    at = read.end;
  }
  return nodes;
}

function writeNode(view: DataView, start: number, node: OutputNode): number {
  const { row, path, recent, recentCount, recentNext } = node;
  const lowBin = row === undefined ? 1 : node.lowBin;
  const highBin = row === undefined ? 0 : node.highBin;
  view.setUint8(start, node.from);
  view.setUint8(start + 1, node.to);
  view.setUint8(start + 2, recentCount);
  view.setUint8(start + 3, node.driftCount);
  view.setUint8(start + 4, lowBin);
  view.setUint8(start + 5, highBin);
  let at = start + HEAD_BYTES;
  for (let index = 0; index < recentCount; index += 1) {
    view.setUint8(at, recent[(recentNext - recentCount + index + RECENT) % RECENT] as number);
    at += 1;
  }
  view.setUint32(at, node.epoch % 2 ** 32, true);
  view.setUint32(at + 4, node.parentEpoch % 2 ** 32, true);
  view.setFloat64(at + 8, node.drift, true);
  view.setFloat64(at + 16, node.credit, true);
  view.setFloat64(at + 24, node.total, true);
  view.setFloat64(at + 32, node.nextWeight, true);
  at += NUMBER_BYTES;
  for (let level = node.from; level < LEVEL_COUNT; level += 1) {
    view.setFloat64(at, path[level] as number, true);
    at += 8;
  }
  if (row === undefined) return at;
  for (let bin = lowBin; bin <= highBin; bin += 1) {
    view.setFloat32(at, row[bin] as number, true);
    at += 4;
  }
  return at;
}

function readNode(view: DataView, start: number): { readonly node: OutputNode; readonly end: number } | undefined {
  if (start + HEAD_BYTES > view.byteLength) return undefined;
  const from = view.getUint8(start);
  const to = view.getUint8(start + 1);
  const recentCount = view.getUint8(start + 2);
  const driftCount = view.getUint8(start + 3);
  const lowBin = view.getUint8(start + 4);
  const highBin = view.getUint8(start + 5);
  if (from > to || to >= LEVEL_COUNT || recentCount > RECENT || driftCount > RECENT || highBin >= BIN_COUNT)
    return undefined;
  const rowBins = Math.max(0, highBin - lowBin + 1);
  const end = start + HEAD_BYTES + recentCount + NUMBER_BYTES + (LEVEL_COUNT - from) * 8 + rowBins * 4;
  if (end > view.byteLength) return undefined;
  const node = createNode(new Float64Array(LEVEL_COUNT), from, to);
  let at = start + HEAD_BYTES;
  for (let index = 0; index < recentCount; index += 1) node.recent[index] = view.getUint8(at + index);
  at += recentCount;
  node.recentCount = recentCount;
  node.recentNext = recentCount % RECENT;
  node.driftCount = driftCount;
  node.epoch = view.getUint32(at, true);
  node.parentEpoch = view.getUint32(at + 4, true);
  node.drift = view.getFloat64(at + 8, true);
  node.credit = view.getFloat64(at + 16, true);
  node.total = view.getFloat64(at + 24, true);
  node.nextWeight = view.getFloat64(at + 32, true);
  at += NUMBER_BYTES;
  for (let level = from; level < LEVEL_COUNT; level += 1)
    node.path[level] = view.getFloat64(at + (level - from) * 8, true);
  at += (LEVEL_COUNT - from) * 8;
  if (rowBins > 0) readRow(view, at, node, lowBin, highBin);
  return isSound(node) ? { node, end } : undefined;
}

function readRow(view: DataView, start: number, node: OutputNode, lowBin: number, highBin: number): void {
  const row = new Float32Array(BIN_COUNT);
  for (let bin = lowBin; bin <= highBin; bin += 1) row[bin] = view.getFloat32(start + (bin - lowBin) * 4, true);
  node.row = row;
  node.lowBin = lowBin;
  node.highBin = highBin;
}

function isSound(node: OutputNode): boolean {
  const { recent, recentCount, row, total, nextWeight, drift, credit, path } = node;
  if (!(drift >= 0 && drift < Number.POSITIVE_INFINITY && credit >= 0 && credit < 1)) return false;
  for (let index = 0; index < recentCount; index += 1) if ((recent[index] as number) >= BIN_COUNT) return false;
  for (let level = node.from; level < LEVEL_COUNT; level += 1) if (!((path[level] as number) > 0)) return false;
  if (row === undefined) return total === 0 && nextWeight === 1;
  let sum = 0;
  for (const weight of row) {
    if (!(weight >= 0)) return false;
    sum += weight;
  }
  const isWeighed = nextWeight >= 1 && nextWeight <= HEAVIEST_WEIGHT && total > 0;
  return isWeighed && recentCount === RECENT && Math.abs(sum / total - 1) < ROUNDING;
}
