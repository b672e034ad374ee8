// Which blocks one endpoint's prefix cache probably holds: a hash table over typed arrays with the blocks chained by last use, so that a
// prompt of two thousand blocks is noted in some ten microseconds and an endpoint costs 24 bytes a block.
//
// A prompt's blocks are noted from its last to its first. So a block was always used no earlier than those behind it, what is forgotten first
// is an end and never a middle, and what is known of a prompt is always its beginning: a search by halves finds how much. A block that was missed too
// often in a row stays in its place and does not count; where there are such, blocks are looked at one by one.
import { MOST_MISSES, type CachedBlocks } from "./cached-blocks.ts";

/** The blocks of one endpoint; changed in place. */
export interface BlockCache {
  maxBlocks: number;
  size: number;
  /** Of them, those that do not count. */
  dropped: number;
  /** Table of places: a place + 1 in `blocks`, 0 for empty. Its length is a power of two, at least twice the number of blocks. */
  table: Int32Array;
  /** By place: the block, and its neighbours in order of use. */
  blocks: Float64Array;
  /** Times in a row that the block was missed. */
  misses: Uint8Array;
  newer: Int32Array;
  older: Int32Array;
  newest: number;
  oldest: number;
}

const FIRST_BLOCKS = 64;

/** A cache that holds nothing and forgets beyond this many blocks. It grows as it is filled. */
export function createBlockCache(maxBlocks: number): BlockCache {
  const places = Math.min(FIRST_BLOCKS, maxBlocks);
  return {
    maxBlocks,
    size: 0,
    dropped: 0,
    table: new Int32Array(FIRST_BLOCKS * 2),
    blocks: new Float64Array(places),
    misses: new Uint8Array(places),
    newer: new Int32Array(places),
    older: new Int32Array(places),
    newest: -1,
    oldest: -1,
  };
}

/** How many leading blocks of a prompt it holds. */
export function leadingBlocks(cache: BlockCache, blocks: readonly number[]): number {
  if (cache.size === 0 || blocks.length === 0 || !isKnown(cache, blocks[0] as number)) return 0;
  let known = 1;
  if (cache.dropped > 0) {
    while (known < blocks.length && isKnown(cache, blocks[known] as number)) known += 1;
    return known;
  }
  // Most prompts are known to their end or hardly at all.
  if (isKnown(cache, blocks.at(-1) as number)) return blocks.length;
  let unknown = blocks.length;
  for (let step = 1; known + step < unknown; step *= 2) {
    if (isKnown(cache, blocks[known + step - 1] as number)) known += step;
    else unknown = known + step;
  }
  while (unknown - known > 1) {
    const middle = (known + unknown) >> 1;
    if (isKnown(cache, blocks[middle - 1] as number)) known = middle;
    else unknown = middle;
  }
  return known;
}

/** Where it is looked, and what was found. */
export interface HoldingSearch {
  readonly endpoints: Int32Array;
  readonly count: number;
  readonly found: Int32Array;
}

/** Which of these endpoints have a block in their caches, whether it counts or not; returns how many. */
export function findHolding(
  caches: readonly BlockCache[],
  block: number,
  { endpoints, count, found }: HoldingSearch,
): number {
  const hash = hashOf(block);
  let known = 0;
  for (let index = 0; index < count; index += 1) {
    const endpoint = endpoints[index] as number;
    const cache = caches[endpoint];
    if (cache === undefined || cache.size === 0 || findFrom(cache, block, hash) < 0) continue;
    found[known] = endpoint;
    known += 1;
  }
  return known;
}

/** Notes that a prompt was sent there. Blocks beyond what it can hold are left out. */
export function noteBlocks(cache: BlockCache, blocks: readonly number[]): void {
  for (let index = Math.min(blocks.length, cache.maxBlocks) - 1; index >= 0; index -= 1) {
    noteBlock(cache, blocks[index] as number);
  }
}

/** So many leading blocks were there: they are entered, and were not missed. */
export function confirmBlocks(cache: BlockCache, blocks: readonly number[], found: number): void {
  noteBlocks(cache, blocks.slice(0, found));
  for (let index = 0; index < Math.min(found, blocks.length); index += 1)
    setMisses(cache, blocks[index] as number, () => 0);
}

/** Blocks that were expected and not found. */
export function missBlocks(cache: BlockCache, blocks: readonly number[], { expected, found }: CachedBlocks): void {
  for (let index = found; index < Math.min(expected, blocks.length); index += 1) {
    setMisses(cache, blocks[index] as number, (misses) => Math.min(MOST_MISSES, misses + 1));
  }
}

/** Sets how many blocks it holds; what is too much is forgotten, the least recently used first. */
export function resizeCache(cache: BlockCache, maxBlocks: number): void {
  cache.maxBlocks = Math.max(1, Math.floor(maxBlocks));
  while (cache.size > cache.maxBlocks) remove(cache, find(cache, cache.blocks[cache.oldest] as number));
}

/** Forgets all. */
export function clearBlocks(cache: BlockCache): void {
  cache.table.fill(0);
  cache.size = 0;
  cache.dropped = 0;
  cache.newest = -1;
  cache.oldest = -1;
}

function isKnown(cache: BlockCache, block: number): boolean {
  const cell = find(cache, block);
  return cell >= 0 && !isDropped(cache, (cache.table[cell] as number) - 1);
}

function setMisses(cache: BlockCache, block: number, count: (misses: number) => number): void {
  const cell = find(cache, block);
  if (cell < 0) return;
  const place = (cache.table[cell] as number) - 1;
  if (isDropped(cache, place)) cache.dropped -= 1;
  cache.misses[place] = count(cache.misses[place] as number);
  if (isDropped(cache, place)) cache.dropped += 1;
}

function isDropped({ misses }: BlockCache, place: number): boolean {
  return (misses[place] as number) >= MOST_MISSES;
}

function noteBlock(cache: BlockCache, block: number): void {
  const cell = find(cache, block);
  if (cell >= 0) {
    const place = (cache.table[cell] as number) - 1;
    if (place === cache.newest) return;
    unlink(cache, place);
    linkNewest(cache, place);
    return;
  }
  if (cache.size >= cache.maxBlocks) remove(cache, find(cache, cache.blocks[cache.oldest] as number));
  else if (cache.size >= cache.blocks.length) grow(cache);
  // Places are used without gaps: the last one moves into a gap when one is removed.
  const place = cache.size;
  cache.size += 1;
  cache.blocks[place] = block;
  cache.misses[place] = 0;
  insert(cache, block, place);
  linkNewest(cache, place);
}

/** The cell of the table that names a block; −1: it is not there. */
function find(cache: BlockCache, block: number): number {
  return findFrom(cache, block, hashOf(block));
}

function findFrom({ table, blocks }: BlockCache, block: number, hash: number): number {
  const mask = table.length - 1;
  for (let cell = hash & mask; ; cell = (cell + 1) & mask) {
    const place = (table[cell] as number) - 1;
    if (place < 0) return -1;
    if (blocks[place] === block) return cell;
  }
}

function insert({ table }: BlockCache, block: number, place: number): void {
  const mask = table.length - 1;
  let cell = hashOf(block) & mask;
  while (table[cell] !== 0) cell = (cell + 1) & mask;
  table[cell] = place + 1;
}

function remove(cache: BlockCache, cell: number): void {
  const place = (cache.table[cell] as number) - 1;
  unlink(cache, place);
  if (isDropped(cache, place)) cache.dropped -= 1;
  closeGap(cache, cell);
  cache.size -= 1;
  const last = cache.size;
  if (place === last) return;
  cache.table[find(cache, cache.blocks[last] as number)] = place + 1;
  cache.blocks[place] = cache.blocks[last] as number;
  cache.misses[place] = cache.misses[last] as number;
  const newer = (cache.newer[place] = cache.newer[last] as number);
  const older = (cache.older[place] = cache.older[last] as number);
  if (newer >= 0) cache.older[newer] = place;
  else cache.newest = place;
  if (older >= 0) cache.newer[older] = place;
  else cache.oldest = place;
}

/** Moves later entries of a run back, so that a search never meets a gap before what it looks for. */
function closeGap({ table, blocks }: BlockCache, from: number): void {
  const mask = table.length - 1;
  let gap = from;
  table[gap] = 0;
  for (let cell = (gap + 1) & mask; table[cell] !== 0; cell = (cell + 1) & mask) {
    const home = hashOf(blocks[(table[cell] as number) - 1] as number) & mask;
    if (((cell - home) & mask) < ((cell - gap) & mask)) continue;
    table[gap] = table[cell] as number;
    table[cell] = 0;
    gap = cell;
  }
}

function unlink(cache: BlockCache, place: number): void {
  const newer = cache.newer[place] as number;
  const older = cache.older[place] as number;
  if (newer >= 0) cache.older[newer] = older;
  else cache.newest = older;
  if (older >= 0) cache.newer[older] = newer;
  else cache.oldest = newer;
}

function linkNewest(cache: BlockCache, place: number): void {
  cache.newer[place] = -1;
  cache.older[place] = cache.newest;
  if (cache.newest >= 0) cache.newer[cache.newest] = place;
  else cache.oldest = place;
  cache.newest = place;
}

function grow(cache: BlockCache): void {
  const places = Math.min(cache.maxBlocks, cache.blocks.length * 2);
  const blocks = new Float64Array(places);
  blocks.set(cache.blocks);
  cache.blocks = blocks;
  const misses = new Uint8Array(places);
  misses.set(cache.misses);
  cache.misses = misses;
  cache.newer = longer(cache.newer, places);
  cache.older = longer(cache.older, places);
  if (places * 2 <= cache.table.length) return;
  cache.table = new Int32Array(cache.table.length * 2);
  for (let place = 0; place < cache.size; place += 1) insert(cache, blocks[place] as number, place);
}

function longer(cells: Int32Array, length: number): Int32Array {
  const grown = new Int32Array(length);
  grown.set(cells);
  return grown;
}

/** Mixes the low and the high half of a whole number below 2⁵³ (as murmur3 finishes). */
function hashOf(block: number): number {
  let hash = (block | 0) ^ Math.imul((block / 0x1_0000_0000) | 0, 0x9e37_79b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
