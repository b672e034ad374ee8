// Those who wait by what they need, so that the ones who fit an endpoint are found without looking at the others: for each span of the memory
// forecast in which a request may end, a heap by context and one by tokens to be read. A heap shows all who need at most so much, and
// nobody else, because what lies under one that needs too much needs as much.
import { firstStep, SPANS } from "../book/memory-forecast.ts";
import type { QueueTable } from "../order/queue-table.ts";
import { addToHeap, createSlotHeap, removeFromHeap, type SlotHeap } from "../order/slot-heap.ts";
import { keptOf, slotFits, type Room } from "./room.ts";

/** The heaps by span: of those who take all room, then of those who leave some to others. Changed in place. */
export interface NeedIndex {
  readonly byContext: readonly SlotHeap[];
  readonly byPrefill: readonly SlotHeap[];
}

const HEAPS = 2 * SPANS;

/** An index of nobody. */
export function createNeedIndex(table: QueueTable): NeedIndex {
  const needsLess = (one: number, other: number): boolean =>
    (table.inputTokens[one] as number) < (table.inputTokens[other] as number);
  const readsLess = (one: number, other: number): boolean =>
    (table.warmTokens[one] as number) < (table.warmTokens[other] as number);
  return {
    byContext: Array.from({ length: HEAPS }, () => createSlotHeap(table.contextPlaces, needsLess)),
    byPrefill: Array.from({ length: HEAPS }, () => createSlotHeap(table.prefillPlaces, readsLess)),
  };
}

/** Somebody waits in this slot; its columns are set. */
export function addNeed(index: NeedIndex, table: QueueTable, slot: number): void {
  const heap = heapOf(table, slot);
  addToHeap(index.byContext[heap] as SlotHeap, slot);
  addToHeap(index.byPrefill[heap] as SlotHeap, slot);
}

/** He waits no more; called while the columns are as they were. */
export function removeNeed(index: NeedIndex, table: QueueTable, slot: number): void {
  const heap = heapOf(table, slot);
  removeFromHeap(index.byContext[heap] as SlotHeap, slot);
  removeFromHeap(index.byPrefill[heap] as SlotHeap, slot);
}

function heapOf(table: QueueTable, slot: number): number {
  return (table.span[slot] as number) + (table.isHeldBack[slot] as number) * SPANS;
}

/** Whom to look for, and where. */
export interface FitVisit {
  readonly index: NeedIndex;
  readonly table: QueueTable;
  readonly room: Room;
  /** How many more may be shown. */
  budget: number;
  /** Scratch. */
  readonly places: number[];
}

/** Shows those who wait and fit this endpoint, in no order, until the budget is used up. */
export function visitFitting(visit: FitVisit, endpoint: number, show: (slot: number) => void): void {
  const { index, room } = visit;
  const prefill = room.prefillTokens[endpoint] as number;
  for (let at = 0; at < HEAPS && visit.budget > 0; at += 1) {
    const span = at % SPANS;
    const cell = endpoint * SPANS + span;
    // Who ends in the span brings more than its first step.
    const most = Math.min(room.contexts[cell] as number, (room.memory[cell] as number) - firstStep(span));
    const context = most - keptOf(room, endpoint, at >= SPANS);
    const isPrefillTighter = prefill < context;
    const heap = (isPrefillTighter ? index.byPrefill : index.byContext)[at] as SlotHeap;
    showBelow(visit, { heap, endpoint, most: isPrefillTighter ? prefill : context, isPrefill: isPrefillTighter }, show);
  }
}

interface Bound {
  readonly heap: SlotHeap;
  readonly endpoint: number;
  readonly most: number;
  readonly isPrefill: boolean;
}

function showBelow(visit: FitVisit, { heap, endpoint, most, isPrefill }: Bound, show: (slot: number) => void): void {
  const { table, room, places } = visit;
  const needs = isPrefill ? table.warmTokens : table.inputTokens;
  const { slots } = heap;
  places.length = 0;
  if (slots.length > 0) places.push(0);
  while (places.length > 0 && visit.budget > 0) {
    const place = places.pop() as number;
    const slot = slots[place] as number;
    if ((needs[slot] as number) > most) continue;
    visit.budget -= 1;
    if (slotFits(room, table, slot, endpoint)) show(slot);
    const child = 2 * place + 1;
    if (child < slots.length) places.push(child);
    if (child + 1 < slots.length) places.push(child + 1);
  }
}
