// The first in order that fits, looked for among all who wait. Asked only when the first ones in order fit nowhere: a look over ten
// thousand rows of numbers takes some ten microseconds, and finds what a longer walk along the order might miss.
import { SPANS } from "./memory-forecast.ts";
import { isBeforeInOrder } from "./offer-in-order.ts";
import type { RequestQueue } from "./request-queue.ts";
import { isFertile, slotFits, slotFitsAny, type Room } from "./room.ts";

/** Who has to be looked at. */
export interface FitSearch {
  readonly queue: RequestQueue;
  readonly room: Room;
  /** Slots of those who came since nobody was found to fit; no more than slots in use. */
  readonly fresh: number[];
  /** Scratch: one entry an endpoint. */
  readonly fertile: Int32Array;
}

/** Notes the endpoints with more room than was in vain; returns how many. */
export function findFertile({ room, fertile }: FitSearch): number {
  let count = 0;
  for (let index = 0; index < room.open; index += 1) {
    const endpoint = room.endpoints[index] as number;
    if (!isFertile(room, endpoint)) continue;
    fertile[count] = endpoint;
    count += 1;
  }
  return count;
}

/** The slot whose turn is first among those that fit; −1: nobody fits. `fertileCount` is from `findFertile`. */
export function findFit(search: FitSearch, fertileCount: number): number {
  const { queue, room, fresh, fertile } = search;
  const { table } = queue;
  let best = -1;
  for (const slot of fresh) {
    if (slot === best || !slotFitsAny(room, table, slot)) continue;
    if (best < 0 || isBeforeInOrder(queue, slot, best)) best = slot;
  }
  return fertileCount === 0 ? best : findFitIn(search, fertileCount, best);
}

/** Looks at all who wait for the endpoints that have more room now. */
function findFitIn({ queue, room, fertile }: FitSearch, fertileCount: number, from: number): number {
  const { table } = queue;
  const { warmTokens, inputTokens } = table;
  let mostContext = -1;
  let mostPrefill = -1;
  for (let index = 0; index < fertileCount; index += 1) {
    mostContext = Math.max(mostContext, room.memory[(fertile[index] as number) * SPANS] as number);
    mostPrefill = Math.max(mostPrefill, room.prefillTokens[fertile[index] as number] as number);
  }
  let best = from;
  for (let slot = 0; slot < table.used; slot += 1) {
    const input = inputTokens[slot] as number;
    if (input > mostContext || Math.min(warmTokens[slot] as number, input) > mostPrefill) continue;
    for (let index = 0; index < fertileCount; index += 1) {
      if (!slotFits(room, table, slot, fertile[index] as number)) continue;
      if (slot !== best && (best < 0 || isBeforeInOrder(queue, slot, best))) best = slot;
      break;
    }
  }
  return best;
}
