// The heap of what happens next. Kinds and indices are numbers in typed arrays, because a bench moves billions of events.

/** A growing binary heap by time; events of one time come out in the order in which they were put in. */
export interface EventHeap {
  readonly size: number;
  /** Time of the next event; Infinity when there is none. */
  readonly nextAt: number;
  push(at: number, kind: number, index: number): void;
  /** Takes the next event out: `kind` and `index` then tell which it was. False when there is none. */
  pop(): boolean;
  readonly kind: number;
  readonly index: number;
}

/** An empty heap. It grows with the events that are open at once: a few for each replica and each request on its way. */
export function createEventHeap(): EventHeap {
  let capacity = 64;
  let times = new Float64Array(capacity);
  let orders = new Float64Array(capacity);
  let kinds = new Int32Array(capacity);
  let indices = new Int32Array(capacity);
  let pushed = 0;
  let poppedKind = 0;
  let poppedIndex = 0;
  let size = 0;

  function grow(): void {
    capacity *= 2;
    const widen = <T extends Float64Array | Int32Array>(old: T, wide: T): T => {
      wide.set(old);
      return wide;
    };
    times = widen(times, new Float64Array(capacity));
    orders = widen(orders, new Float64Array(capacity));
    kinds = widen(kinds, new Int32Array(capacity));
    indices = widen(indices, new Int32Array(capacity));
  }

  function place(at: number, from: number): void {
    times[at] = times[from] as number;
    orders[at] = orders[from] as number;
    kinds[at] = kinds[from] as number;
    indices[at] = indices[from] as number;
  }

  function put(at: number, time: number, order: number, kind: number, index: number): void {
    times[at] = time;
    orders[at] = order;
    kinds[at] = kind;
    indices[at] = index;
  }

  /** Whether the entry at `other` comes before (time, order). */
  function isEarlier(other: number, time: number, order: number): boolean {
    const otherTime = times[other] as number;
    return otherTime < time || (otherTime === time && (orders[other] as number) < order);
  }

  function earlierChild(hole: number): number {
    const left = 2 * hole + 1;
    const right = left + 1;
    if (right >= size) return left;
    return isEarlier(right, times[left] as number, orders[left] as number) ? right : left;
  }

  return {
    get size() {
      return size;
    },
    get nextAt() {
      return size === 0 ? Number.POSITIVE_INFINITY : (times[0] as number);
    },
    get kind() {
      return poppedKind;
    },
    get index() {
      return poppedIndex;
    },
    push(at, kind, index) {
      if (size === capacity) grow();
      const order = (pushed += 1);
      let hole = size;
      size += 1;
      while (hole > 0) {
        const parent = (hole - 1) >> 1;
        if (isEarlier(parent, at, order)) break;
        place(hole, parent);
        hole = parent;
      }
      put(hole, at, order, kind, index);
    },
    pop() {
      if (size === 0) return false;
      poppedKind = kinds[0] as number;
      poppedIndex = indices[0] as number;
      size -= 1;
      if (size === 0) return true;
      const time = times[size] as number;
      const order = orders[size] as number;
      const kind = kinds[size] as number;
      const index = indices[size] as number;
      let hole = 0;
      for (let child = 1; child < size; child = 2 * hole + 1) {
        child = earlierChild(hole);
        if (!isEarlier(child, time, order)) break;
        place(hole, child);
        hole = child;
      }
      put(hole, time, order, kind, index);
      return true;
    },
  };
}
