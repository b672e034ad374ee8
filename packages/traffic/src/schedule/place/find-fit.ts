// The first in order of those that fit, where the first ones in order fit nowhere. They are found by what they need, not by walking along the
// order: in a full pool those who have waited at its front for long are the very ones that do not fit.
import { isBeforeInOrder } from "../order/offer-in-order.ts";
import type { RequestQueue } from "../order/request-queue.ts";
import type { BarrenGround } from "./barren-ground.ts";
import { visitFitting, type FitVisit } from "./need-index.ts";
import { slotFits, slotFitsAny, type Room } from "./room.ts";

/** Who is looked for, and where. */
export interface FitSearch {
  readonly queue: RequestQueue;
  readonly room: Room;
  readonly ground: BarrenGround;
  readonly visit: FitVisit;
}

/** So many that fit are compared at most: with more of them somebody fits who is nearly first. */
const MOST_COMPARED = 512;

/** Makes a search. */
export function createFitSearch(parts: Pick<FitSearch, "queue" | "room" | "ground">): FitSearch {
  const { queue, room } = parts;
  return { ...parts, visit: { index: queue.needs, table: queue.table, room, budget: 0, places: [] } };
}

/** Whether anybody fits, and with him whoever would be offered before him. `findFertile` was asked before. */
export function doesAnyFit({ queue, room, ground, visit }: FitSearch): boolean {
  for (const slot of ground.fresh) if (slotFitsAny(room, queue.table, slot)) return true;
  const found = { is: false };
  const stop = (): void => {
    found.is = true;
    visit.budget = 0;
  };
  visit.budget = MOST_COMPARED;
  for (let index = 0; index < ground.fertileCount && !found.is; index += 1) {
    visitFitting(visit, ground.fertile[index] as number, stop);
  }
  // With a budget used up in vain it is not known.
  return found.is || visit.budget <= 0;
}

/** Whether one who waits fits: those who came before are looked at only where there is more room than was in vain. */
export function mayFit({ queue, room, ground }: FitSearch, slot: number): boolean {
  const { table } = queue;
  if (ground.fresh.length > 0) return slotFitsAny(room, table, slot);
  for (let index = 0; index < ground.fertileCount; index += 1) {
    if (slotFits(room, table, slot, ground.fertile[index] as number)) return true;
  }
  return false;
}

/** The slot whose turn is first among those that fit; −1: nobody fits. `findFertile` was asked before. */
export function findFit({ queue, room, ground, visit }: FitSearch): number {
  let best = -1;
  const compare = (slot: number): void => {
    if (slot !== best && (best < 0 || isBeforeInOrder(queue, slot, best))) best = slot;
  };
  for (const slot of ground.fresh) if (slotFitsAny(room, queue.table, slot)) compare(slot);
  visit.budget = MOST_COMPARED;
  for (let index = 0; index < ground.fertileCount; index += 1) {
    visitFitting(visit, ground.fertile[index] as number, compare);
  }
  return best;
}
