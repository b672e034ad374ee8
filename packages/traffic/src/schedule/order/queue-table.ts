// Those who wait, as columns of numbers: a look over ten thousand of them is then a matter of microseconds, and one who waits costs no
// further object. The table grows by doubling up to the queue's bound.
import type { ScheduledRequest } from "../scheduled-request.ts";
import { createHeapPlaces, growHeapPlaces, type HeapPlaces } from "./slot-heap.ts";

/** Prompt of a slot that nobody has: it fits nowhere. */
const NOBODY = 0x7fff_ffff;

/** Columns of whole numbers. */
const WHOLE = [
  "inputTokens",
  "remainingTokens",
  "span",
  "warmEndpoint",
  "warmTokens",
  "tenant",
  "isHeldBack",
  "older",
  "younger",
  "skips",
  "shadowAt",
] as const;
/** Columns of fractions. */
const FRACTIONS = ["key", "sequence", "startBy", "firstComeWaitMs", "promisedMs", "waitsUntil"] as const;

/** The columns; a slot is a number below `used`. */
export interface QueueTable {
  /** undefined for a free slot. */
  readonly requests: (ScheduledRequest | undefined)[];
  /** Prompt tokens; more than fit anywhere for a free slot. */
  inputTokens: Int32Array;
  /** Tokens of the answer that memory is reserved for, and the span of the forecast in which it ends. */
  remainingTokens: Int32Array;
  span: Int32Array;
  /** The endpoint that knows most of the prompt (−1: none), and the tokens that are left to read there. */
  warmEndpoint: Int32Array;
  warmTokens: Int32Array;
  /** Number of its tenant. */
  tenant: Int32Array;
  /** 1: its tenant leaves some room to others. */
  isHeldBack: Int32Array;
  /** Neighbours in the tenant's order of arrival; −1 at the ends. Free slots are chained through `younger`. */
  older: Int32Array;
  younger: Int32Array;
  /** How often another one was granted while it was first and fitted nowhere. */
  skips: Int32Array;
  /** Its place in the shadow of arrivals; −1 when it has been passed there. */
  shadowAt: Int32Array;
  /** What orders it within its tenant; lower first. */
  key: Float64Array;
  /** When it came, as a number that rises by one. */
  sequence: Float64Array;
  /** When it has to begin for its deadline; Infinity: none. */
  startBy: Float64Array;
  /** What it would have waited if all were served in order of arrival, once that is known. */
  firstComeWaitMs: Float64Array;
  /** What of that it was promised to wait at most, once that is known. */
  promisedMs: Float64Array;
  /** It waits for its warm endpoint until then; 0: it does not, −1: it has. */
  waitsUntil: Float64Array;
  /** Where it stands in the heaps that it is in. */
  readonly keyPlaces: HeapPlaces;
  readonly deadlinePlaces: HeapPlaces;
  readonly contextPlaces: HeapPlaces;
  readonly prefillPlaces: HeapPlaces;
  readonly waitPlaces: HeapPlaces;
  /** Slots that were ever in use lie below it. */
  used: number;
  size: number;
  firstFree: number;
}

const FIRST_SLOTS = 64;

/** An empty table. */
export function createQueueTable(): QueueTable {
  const whole = (): Int32Array => new Int32Array(FIRST_SLOTS);
  const fractions = (): Float64Array => new Float64Array(FIRST_SLOTS);
  return {
    requests: [],
    inputTokens: whole().fill(NOBODY),
    remainingTokens: whole(),
    span: whole(),
    warmEndpoint: whole(),
    warmTokens: whole(),
    tenant: whole(),
    isHeldBack: whole(),
    older: whole(),
    younger: whole(),
    skips: whole(),
    shadowAt: whole(),
    key: fractions(),
    sequence: fractions(),
    startBy: fractions(),
    firstComeWaitMs: fractions(),
    promisedMs: fractions(),
    waitsUntil: fractions(),
    keyPlaces: createHeapPlaces(FIRST_SLOTS),
    deadlinePlaces: createHeapPlaces(FIRST_SLOTS),
    contextPlaces: createHeapPlaces(FIRST_SLOTS),
    prefillPlaces: createHeapPlaces(FIRST_SLOTS),
    waitPlaces: createHeapPlaces(FIRST_SLOTS),
    used: 0,
    size: 0,
    firstFree: -1,
  };
}

/** A free slot, taken for this request; its columns are to be set. */
export function takeSlot(table: QueueTable, request: ScheduledRequest): number {
  let slot = table.firstFree;
  if (slot >= 0) table.firstFree = table.younger[slot] as number;
  else {
    slot = table.used;
    if (slot >= table.key.length) grow(table);
    table.used += 1;
  }
  table.requests[slot] = request;
  table.size += 1;
  return slot;
}

/** Gives a slot back. */
export function freeSlot(table: QueueTable, slot: number): void {
  table.requests[slot] = undefined;
  table.inputTokens[slot] = NOBODY;
  table.younger[slot] = table.firstFree;
  table.firstFree = slot;
  table.size -= 1;
}

function grow(table: QueueTable): void {
  const from = table.key.length;
  const length = from * 2;
  for (const column of WHOLE) {
    const longer = new Int32Array(length);
    longer.set(table[column]);
    table[column] = longer;
  }
  for (const column of FRACTIONS) {
    const longer = new Float64Array(length);
    longer.set(table[column]);
    table[column] = longer;
  }
  table.inputTokens.fill(NOBODY, from);
  const { keyPlaces, deadlinePlaces, contextPlaces, prefillPlaces, waitPlaces } = table;
  for (const places of [keyPlaces, deadlinePlaces, contextPlaces, prefillPlaces, waitPlaces]) {
    growHeapPlaces(places, length - 1);
  }
}
