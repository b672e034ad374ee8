// Whole answers by key, for a time, within a bound of bytes. Pure: time comes with each call. What was not used for longest goes first;
// an answer whose time is over goes when it is asked for, or in its turn.

/** A whole answer of status 200. */
export interface StoredAnswer {
  /** `""`: the backend named none. */
  readonly contentType: string;
  /** A stream's frames, or the whole body. */
  readonly bytes: Buffer;
  readonly isEvents: boolean;
}

/** An answer that may be given again. */
export interface FoundAnswer {
  readonly answer: StoredAnswer;
  readonly ageMs: number;
}

/** What a store is made with. */
export interface ResponseStoreOptions {
  /** Of all answers with what keeping them costs, those that are still being written down included. */
  readonly maximumBytes: number;
  readonly timeToLiveMs: number;
}

/** A store of answers. Times are monotonic milliseconds. */
export interface ResponseStore {
  find(key: string, now: number): FoundAnswer | undefined;
  /** Keeps an answer in the place of an older one. false: it is larger than the store. */
  keep(key: string, answer: StoredAnswer, now: number): boolean;
  /** Room for bytes that are being written down. false: it is taken, and nothing was held. */
  hold(bytes: number): boolean;
  /** Gives held room back. */
  release(bytes: number): void;
  readonly bytes: number;
  readonly heldBytes: number;
  readonly size: number;
}

/** A key, an entry of the map and the objects of an answer. */
export const ENTRY_BYTES = 512;

interface Entry {
  readonly answer: StoredAnswer;
  readonly keptAt: number;
}

/** Creates an empty store. */
export function createResponseStore({ maximumBytes, timeToLiveMs }: ResponseStoreOptions): ResponseStore {
  // A map keeps the order of insertion: an answer that is used is put behind all others.
  const entries = new Map<string, Entry>();
  let bytes = 0;
  let heldBytes = 0;
  const remove = (key: string, { answer }: Entry): void => {
    entries.delete(key);
    bytes -= costOf(answer);
  };
  const makeRoom = (needed: number): void => {
    for (const [key, entry] of entries) {
      if (bytes + heldBytes + needed <= maximumBytes) return;
      remove(key, entry);
    }
  };
  return {
    find(key, now) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      const ageMs = now - entry.keptAt;
      if (ageMs >= timeToLiveMs) {
        remove(key, entry);
        return undefined;
      }
      entries.delete(key);
      entries.set(key, entry);
      return { answer: entry.answer, ageMs };
    },
    keep(key, answer, now) {
      const known = entries.get(key);
      if (known) remove(key, known);
      const cost = costOf(answer);
      if (cost + heldBytes > maximumBytes) return false;
      makeRoom(cost);
      entries.set(key, { answer, keptAt: now });
      bytes += cost;
      return true;
    },
    hold(more) {
      if (heldBytes + more > maximumBytes) return false;
      makeRoom(more);
      heldBytes += more;
      return true;
    },
    release(held) {
      heldBytes -= held;
    },
    get bytes() {
      return bytes;
    },
    get heldBytes() {
      return heldBytes;
    },
    get size() {
      return entries.size;
    },
  };
}

function costOf({ bytes }: StoredAnswer): number {
  return bytes.length + ENTRY_BYTES;
}
