// Until when each endpoint is left alone, for all workers at once: a 429 that one worker sees stops the others with their next choice.
// One SharedArrayBuffer with one 64-bit cell per endpoint slot (the column of the in-flight table), raised by compare-and-swap to the
// later time, so a second refusal never shortens the first. The cell holds the slot's generation too: a time for an endpoint whose slot
// was given to another one is neither read nor written.
import { MAX_SLOTS, type Slot } from "./in-flight-table.ts";
import { createSharedTicks, readSharedTime } from "./shared-ticks.ts";

const LOW_WORD = 0xffff_ffffn;
const WORD_BITS = 32n;
/** The words of a cell as the machine orders them. */
const TICKS = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;
const GENERATION = 1 - TICKS;
/** Cells before the first slot: the moment at which the table was made. */
const HEADER_CELLS = 1;

/** The shared times. A worker's view speaks in that worker's own monotonic milliseconds. */
export interface CooldownTable {
  readonly buffer: SharedArrayBuffer;
  /** The endpoint is left alone until then, or until later when that stands already. Nothing for an old generation. */
  raise(slot: Slot, until: number): void;
  /** Until when it is left alone; −Infinity for never. */
  until(slot: Slot): number;
  /** The first moment at which one of them is not left alone; Infinity for none of none. */
  earliest(slots: Iterable<Slot>): number;
  /** Ends a cooldown whose cause a person removed (a new key). */
  clear(slot: Slot): void;
}

/** Makes the memory; by the main thread. 32 KiB. `sharedNow` is the time that all threads share, in milliseconds. */
export function createCooldownBuffer(sharedNow: number = readSharedTime()): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer((HEADER_CELLS + MAX_SLOTS) * BigInt64Array.BYTES_PER_ELEMENT);
  new Float64Array(buffer)[0] = sharedNow;
  return buffer;
}

/** Wraps the memory for a thread; `monotonic` is that thread's clock. */
export function wrapCooldownTable(
  buffer: SharedArrayBuffer,
  monotonic: () => number,
  sharedTime: () => number = readSharedTime,
): CooldownTable {
  const cells = new BigInt64Array(buffer);
  const words = new Uint32Array(buffer);
  const clock = createSharedTicks(new Float64Array(buffer)[0] as number, monotonic, sharedTime);
  const wordAt = (slot: Slot): number => (HEADER_CELLS + slot.index) * 2;
  const until = (slot: Slot): number => {
    const at = wordAt(slot);
    const ticks = Atomics.load(words, at + TICKS);
    if (ticks === 0) return Number.NEGATIVE_INFINITY;
    // The generation is read after the time: a cell only ever goes to newer generations, so a match says that both are of this one or
    // that the time is of an older one and the endpoint is spared for one look.
    if (Atomics.load(words, at + GENERATION) !== slot.generation >>> 0) return Number.NEGATIVE_INFINITY;
    return clock.time(ticks);
  };
  const put = (slot: Slot, ticks: number, isForced: boolean): void => {
    const at = HEADER_CELLS + slot.index;
    const next = BigInt.asIntN(64, (BigInt(slot.generation >>> 0) << WORD_BITS) | BigInt(ticks));
    for (;;) {
      const seen = Atomics.load(cells, at);
      const generation = Number((seen >> WORD_BITS) & LOW_WORD);
      if (generation > slot.generation) return;
      if (!isForced && generation === slot.generation && Number(seen & LOW_WORD) >= ticks) return;
      if (Atomics.compareExchange(cells, at, seen, next) === seen) return;
    }
  };
  return {
    buffer,
    raise(slot, time) {
      const ticks = clock.after(time);
      if (ticks > 0) put(slot, ticks, false);
    },
    until,
    earliest(slots) {
      let earliest = Number.POSITIVE_INFINITY;
      for (const slot of slots) earliest = Math.min(earliest, until(slot));
      return earliest;
    },
    clear: (slot) => put(slot, 0, true),
  };
}
