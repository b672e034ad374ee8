// Which prompts each endpoint's prefix cache probably knows, in memory that all workers share: the second turn of a conversation may come to
// another worker than the first. A table of sets: a block of a prompt at an endpoint has four places where it may stand, and the one that was
// noted longest ago makes room. Nothing is locked. Two who write at once may lose a note, and then a prompt is read anew once.
//
// The sets of one block at endpoints of neighbouring numbers are neighbours: who looks for all that know a prompt reads one piece of memory from its
// beginning to its end, and not a hundred places of four megabytes.
//
// How old a note is, is counted in blocks that the endpoint was sent since: an engine forgets by what comes, not by the clock.
import { judgeCached, MOST_MISSES, nextCapacity, type CachedBlocks } from "@flyball/traffic";
import { MAX_SLOTS, type Slot } from "../shared/in-flight-table.ts";

/** 524,288 notes, 4 MiB. */
const SETS = 1 << 17;
const WAYS = 4;
/** A note: a tag, and elsewhere the endpoint's count of blocks when it was made with the misses since. */
const TAGS = SETS * WAYS;
/** Bits of the misses. A count of 30 bits is enough for ages far below that. */
const MISS_BITS = 2;
const MISS_MASK = (1 << MISS_BITS) - 1;
/**
 * By endpoint: blocks noted so far; how many its cache is thought to hold less than the default; and by generation + 1, who it is that has told of
 * cached tokens, and that has lost notes by misses.
 */
const ENDPOINT_CELLS = 4;
const LESS = 1;
const TELLER = 2;
const LOSER = 3;
const HEADER_CELLS = MAX_SLOTS * ENDPOINT_CELLS;
/** Blocks that an endpoint is thought to hold: two million tokens in blocks of 64. */
const MOST_BLOCKS = 31_250;
const LEAST_BLOCKS = 64;
/** The index over all pools. Blocks are 32-bit numbers, each naming the whole prompt up to it. */
export interface SharedPrefixes {
  /** How many leading blocks of a prompt the endpoint knows. */
  match(slot: Slot, blocks: readonly number[]): number;
  /** Which seats of a pool may know something of a prompt, see `PrefixIndex.findKnowing`. */
  findKnowing(blocks: readonly number[], where: SeatSearch): number;
  /** The prompt goes there. */
  add(slot: Slot, blocks: readonly number[]): void;
  /** An answer told how much of its prompt was cached, see `PrefixIndex.learn`. One look at each block at most. */
  learn(slot: Slot, blocks: readonly number[], told: CachedBlocks): void;
}

/** Seats that are looked at, and what was found. */
export interface SeatSearch {
  readonly seats: readonly (Slot | undefined)[];
  readonly all: Int32Array;
  readonly count: number;
  readonly found: Int32Array;
}

/** Bytes of its memory. */
export function sharedPrefixesBytes(): number {
  return (HEADER_CELLS + 2 * TAGS) * Int32Array.BYTES_PER_ELEMENT;
}

/** Wraps a buffer. An endpoint that is new in its slot knows nothing, because its generation is part of every tag. */
export function createSharedPrefixes(buffer: ArrayBufferLike): SharedPrefixes {
  const cells = new Int32Array(buffer);
  const isMarked = ({ index, generation }: Slot, mark: number): boolean =>
    Atomics.load(cells, index * ENDPOINT_CELLS + mark) === generation + 1;
  const held = (slot: Slot): number =>
    isMarked(slot, TELLER) ? MOST_BLOCKS - Atomics.load(cells, slot.index * ENDPOINT_CELLS + LESS) : MOST_BLOCKS;
  /** The cell of a note; −1: there is none. */
  const cellOf = (slot: Slot, block: number): number => {
    const tag = tagOf(slot, block);
    const set = setOf(slot.index, hashOf(block));
    for (let cell = set; cell < set + WAYS; cell += 1) if (Atomics.load(cells, cell) === tag) return cell;
    return -1;
  };
  const find = (slot: Slot, block: number, now: number, most: number): boolean => {
    const cell = cellOf(slot, block);
    if (cell < 0) return false;
    const note = Atomics.load(cells, cell + TAGS);
    return (note & MISS_MASK) < MOST_MISSES && ageOf(note, now) <= most;
  };
  const setMisses = (slot: Slot, block: number, count: (misses: number) => number): void => {
    const cell = cellOf(slot, block);
    if (cell < 0) return;
    const note = Atomics.load(cells, cell + TAGS);
    const misses = count(note & MISS_MASK);
    if (misses !== (note & MISS_MASK)) Atomics.store(cells, cell + TAGS, (note & ~MISS_MASK) | misses);
  };
  const note = (slot: Slot, block: number, most: number): void => {
    const clock = slot.index * ENDPOINT_CELLS;
    const now = Atomics.load(cells, clock);
    const tag = tagOf(slot, block);
    const set = setOf(slot.index, hashOf(block));
    let oldest = set;
    let oldestAge = -1;
    for (let cell = set; cell < set + WAYS; cell += 1) {
      const seen = Atomics.load(cells, cell);
      const before = Atomics.load(cells, cell + TAGS);
      const age = ageOf(before, now);
      if (seen === tag) {
        // One that the endpoint has forgotten is read anew, and takes room in its cache again.
        const isForgotten = age > most;
        const at = isForgotten ? Atomics.add(cells, clock, 1) + 1 : now;
        Atomics.store(cells, cell + TAGS, (at << MISS_BITS) | (isForgotten ? 0 : before & MISS_MASK));
        return;
      }
      const isFree = seen === 0;
      if (isFree || age > oldestAge) {
        oldest = cell;
        oldestAge = isFree ? 0x7fff_ffff : age;
      }
    }
    Atomics.store(cells, oldest + TAGS, (Atomics.add(cells, clock, 1) + 1) << MISS_BITS);
    Atomics.store(cells, oldest, tag);
  };
  return {
    match(slot, blocks) {
      const now = Atomics.load(cells, slot.index * ENDPOINT_CELLS);
      const most = held(slot);
      if (blocks.length === 0 || !find(slot, blocks[0] as number, now, most)) return 0;
      let known = 1;
      // Notes that do not count may stand before others that do.
      if (isMarked(slot, LOSER)) {
        while (known < blocks.length && find(slot, blocks[known] as number, now, most)) known += 1;
        return known;
      }
      // Most prompts are known to their end or hardly at all.
      if (find(slot, blocks.at(-1) as number, now, most)) return blocks.length;
      let unknown = blocks.length;
      for (let step = 1; known + step < unknown; step *= 2) {
        if (find(slot, blocks[known + step - 1] as number, now, most)) known += step;
        else unknown = known + step;
      }
      while (unknown - known > 1) {
        const middle = (known + unknown) >> 1;
        if (find(slot, blocks[middle - 1] as number, now, most)) known = middle;
        else unknown = middle;
      }
      return known;
    },
    findKnowing(blocks, { seats, all, count, found }) {
      if (blocks.length === 0) return 0;
      const block = blocks[0] as number;
      const hash = hashOf(block);
      let known = 0;
      for (let index = 0; index < count; index += 1) {
        const seat = all[index] as number;
        const slot = seats[seat];
        if (slot === undefined) continue;
        const tag = tagOf(slot, block);
        const set = setOf(slot.index, hash);
        // Plain reads, and no loop: this is done for every endpoint of a pool, and what it finds is looked at again.
        if (cells[set] !== tag && cells[set + 1] !== tag && cells[set + 2] !== tag && cells[set + 3] !== tag) continue;
        found[known] = seat;
        known += 1;
      }
      return known;
    },
    add(slot, blocks) {
      const most = held(slot);
      // From the last to the first: what is forgotten first is an end and never a middle.
      for (let index = blocks.length - 1; index >= 0; index -= 1) note(slot, blocks[index] as number, most);
    },
    learn(slot, blocks, told) {
      const at = slot.index * ENDPOINT_CELLS;
      if (!isMarked(slot, TELLER)) {
        // Who never told of any is not believed when he tells of none: many leave the count out.
        if (told.found === 0) return;
        Atomics.store(cells, at + LESS, 0);
        Atomics.store(cells, at + TELLER, slot.generation + 1);
      }
      const verdict = judgeCached(told);
      const most = held(slot);
      if (verdict === "fewer") {
        Atomics.store(cells, at + LOSER, slot.generation + 1);
        for (let index = told.found; index < Math.min(told.expected, blocks.length); index += 1) {
          setMisses(slot, blocks[index] as number, (misses) => Math.min(MOST_MISSES, misses + 1));
        }
      } else {
        for (let index = Math.min(told.found, blocks.length) - 1; index >= 0; index -= 1) {
          const block = blocks[index] as number;
          if (told.found > told.expected) note(slot, block, most);
          setMisses(slot, block, () => 0);
        }
      }
      if (told.expected === 0 && verdict === "as-expected") return;
      const next = Math.min(MOST_BLOCKS, Math.max(LEAST_BLOCKS, Math.floor(nextCapacity(most, verdict))));
      Atomics.store(cells, at + LESS, MOST_BLOCKS - next);
    },
  };
}

/** Blocks that the endpoint was sent since a note. */
function ageOf(note: number, now: number): number {
  return ((now << MISS_BITS) - (note & ~MISS_MASK)) >> MISS_BITS;
}

/** Never 0, which is an empty place. */
function tagOf({ index, generation }: Slot, block: number): number {
  let hash = Math.imul(block ^ Math.imul(index + 1, 0x9e37_79b1) ^ Math.imul(generation + 1, 0xc2b2_ae35), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  hash ^= hash >>> 13;
  return hash === 0 ? 1 : hash;
}

function hashOf(block: number): number {
  let hash = Math.imul(block ^ (block >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}

/** The first cell of the set of a block at an endpoint. */
function setOf(index: number, hash: number): number {
  return HEADER_CELLS + ((hash + index) & (SETS - 1)) * WAYS;
}
