// Free blocks in the order in which they became free. Those that hold a known part of a prompt stand in it one by one, so
// that each can be found and leave from the middle; the others need no name, and neighbours among them stand as one entry.

/** A full block of a prompt. */
export interface KnownBlock extends FreeEntry {
  readonly id: number;
  /** Sequences that use it; 0: it stands among the free ones. */
  users: number;
}

/** A place in the order. */
interface FreeEntry {
  previous: FreeEntry | undefined;
  next: FreeEntry | undefined;
  /** How many blocks without a name it stands for; a known block has no count. */
  unnamed?: number;
}

/** Free blocks, never more than the memory has. */
export interface FreeBlocks {
  readonly count: number;
  /** Takes the `count` oldest; there are at least as many. */
  take(count: number): void;
  /** Adds a known block as the newest. */
  add(block: KnownBlock): void;
  /** Adds blocks without a name as the newest. */
  addUnnamed(count: number): void;
  /** Takes out a known block that is among them. */
  remove(block: KnownBlock): void;
}

/** Creates `capacity` free blocks without a name. `onTaken` hears of each known block that `take` takes. */
export function createFreeBlocks(capacity: number, onTaken: (block: KnownBlock) => void): FreeBlocks {
  let oldest: FreeEntry | undefined;
  let newest: FreeEntry | undefined;
  let count = 0;

  const link = (entry: FreeEntry): void => {
    entry.previous = newest;
    entry.next = undefined;
    if (newest === undefined) oldest = entry;
    else newest.next = entry;
    newest = entry;
  };
  const unlink = (entry: FreeEntry): void => {
    if (entry.previous === undefined) oldest = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next === undefined) newest = entry.previous;
    else entry.next.previous = entry.previous;
    entry.previous = undefined;
    entry.next = undefined;
  };
  const addUnnamed = (added: number): void => {
    if (added <= 0) return;
    count += added;
    if (newest?.unnamed === undefined) link({ previous: undefined, next: undefined, unnamed: added });
    else newest.unnamed += added;
  };
  addUnnamed(capacity);
  return {
    get count() {
      return count;
    },
    take(wanted) {
      count -= wanted;
      let missing = wanted;
      while (missing > 0) {
        const entry = oldest as FreeEntry;
        if (entry.unnamed === undefined) {
          unlink(entry);
          onTaken(entry as KnownBlock);
          missing -= 1;
        } else if (entry.unnamed > missing) {
          entry.unnamed -= missing;
          missing = 0;
        } else {
          unlink(entry);
          missing -= entry.unnamed;
        }
      }
    },
    add(block) {
      count += 1;
      link(block);
    },
    addUnnamed,
    remove(block) {
      count -= 1;
      unlink(block);
    },
  };
}
