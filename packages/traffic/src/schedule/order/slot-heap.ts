// A binary heap of small whole numbers (rows of a table) that knows where each of them stands, so that one is removed or moved in O(log n)
// wherever it is. The places are a column that several heaps share, because a row is in one heap of a kind at most.

/** The column of places; its owner replaces the array by a longer one when it grows. */
export interface HeapPlaces {
  cells: Int32Array;
}

/** A heap of slots; changed in place by the functions here. */
export interface SlotHeap {
  readonly slots: number[];
  readonly places: HeapPlaces;
  readonly before: (one: number, other: number) => boolean;
}

/** An empty heap; `before` says whether one slot comes before another. */
export function createSlotHeap(places: HeapPlaces, before: (one: number, other: number) => boolean): SlotHeap {
  return { slots: [], places, before };
}

/** Places for so many rows at first. */
export function createHeapPlaces(rows: number): HeapPlaces {
  return { cells: new Int32Array(rows) };
}

/** Makes room for a row. */
export function growHeapPlaces(places: HeapPlaces, row: number): void {
  if (row < places.cells.length) return;
  const longer = new Int32Array(Math.max(row + 1, places.cells.length * 2));
  longer.set(places.cells);
  places.cells = longer;
}

/** The first; −1 for nobody. */
export function heapTop({ slots }: SlotHeap): number {
  return slots.length === 0 ? -1 : (slots[0] as number);
}

/** The slot at a place of the heap: 0 is the first, the next places hold ones near it. −1 beyond the end. */
export function heapAt({ slots }: SlotHeap, place: number): number {
  return place < slots.length ? (slots[place] as number) : -1;
}

/**
 * Shows the first ones in order, so many at most, until one is taken; returns whether one was. Nothing may change in the heap unless it
 * returns true. Those that may be next are kept in a list by order: each that is shown brings its two successors.
 */
export function showInOrder(heap: SlotHeap, most: number, take: (slot: number) => boolean): boolean {
  const { slots, before } = heap;
  const next = slots.length > 0 ? [0] : [];
  for (let shown = 0; shown < most; shown += 1) {
    const place = next.pop();
    if (place === undefined) return false;
    if (take(slots[place] as number)) return true;
    for (let child = 2 * place + 1; child <= 2 * place + 2 && child < slots.length; child += 1) {
      // The first is at the end of the list.
      let at = next.length;
      for (; at > 0 && before(slots[next[at - 1] as number] as number, slots[child] as number); at -= 1) {
        next[at] = next[at - 1] as number;
      }
      next[at] = child;
    }
  }
  return false;
}

/** Puts one in that is not in it. */
export function addToHeap(heap: SlotHeap, slot: number): void {
  heap.slots.push(slot);
  rise(heap, slot, heap.slots.length - 1);
}

/** Takes one out; false: it is not there. */
export function removeFromHeap(heap: SlotHeap, slot: number): boolean {
  const place = placeOf(heap, slot);
  if (place < 0) return false;
  const last = heap.slots.pop() as number;
  if (last !== slot) settle(heap, last, place);
  return true;
}

/** What one is ordered by has changed; nothing happens when it is not there. */
export function moveInHeap(heap: SlotHeap, slot: number): void {
  const place = placeOf(heap, slot);
  if (place >= 0) settle(heap, slot, place);
}

function placeOf({ slots, places }: SlotHeap, slot: number): number {
  const place = places.cells[slot] as number;
  return place < slots.length && slots[place] === slot ? place : -1;
}

function settle(heap: SlotHeap, slot: number, place: number): void {
  rise(heap, slot, place);
  if (heap.places.cells[slot] === place) sink(heap, slot, place);
}

function rise({ slots, places, before }: SlotHeap, slot: number, from: number): void {
  let place = from;
  while (place > 0) {
    const parent = (place - 1) >> 1;
    const other = slots[parent] as number;
    if (!before(slot, other)) break;
    slots[place] = other;
    places.cells[other] = place;
    place = parent;
  }
  slots[place] = slot;
  places.cells[slot] = place;
}

function sink({ slots, places, before }: SlotHeap, slot: number, from: number): void {
  let place = from;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= slots.length) break;
    const right = child + 1;
    if (right < slots.length && before(slots[right] as number, slots[child] as number)) child = right;
    const other = slots[child] as number;
    if (!before(other, slot)) break;
    slots[place] = other;
    places.cells[other] = place;
    place = child;
  }
  slots[place] = slot;
  places.cells[slot] = place;
}
