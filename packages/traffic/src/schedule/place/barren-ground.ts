// For which room it is known that nobody who waits fits it. While an endpoint has no more room than that, only those who came since have to be
// looked at.
import { SPANS } from "../book/memory-forecast.ts";
import type { QueueTable } from "../order/queue-table.ts";
import type { Room } from "./room.ts";

/** What is known of a pool; changed in place. */
export interface BarrenGround {
  /** By endpoint: the state of the room for which nobody was found, and the room itself; −1: nothing is known. */
  readonly seen: Int32Array;
  readonly prefillTokens: Int32Array;
  /** By endpoint and span. */
  readonly memory: Int32Array;
  /** By endpoint: slots that were free beside those that are left to others, and tokens that were left to them: less is room for who is held back. */
  readonly spareSlots: Int32Array;
  readonly keptTokens: Int32Array;
  /** Slots of those who came since nobody was found to fit; no more than slots in use. */
  readonly fresh: number[];
  /** Endpoints with more room than was in vain: the first `fertileCount` entries. */
  readonly fertile: Int32Array;
  fertileCount: number;
}

/** Nothing is known yet. */
export function createBarrenGround(endpoints: number): BarrenGround {
  return {
    seen: new Int32Array(endpoints).fill(-1),
    prefillTokens: new Int32Array(endpoints).fill(-1),
    memory: new Int32Array(endpoints * SPANS).fill(-1),
    spareSlots: new Int32Array(endpoints),
    keptTokens: new Int32Array(endpoints),
    fresh: [],
    fertile: new Int32Array(endpoints),
    fertileCount: 0,
  };
}

/** One came who has not been looked at. */
export function noteFresh(ground: BarrenGround, table: QueueTable, slot: number): void {
  ground.fresh.push(slot);
  if (ground.fresh.length > table.used) forgetBarren(ground);
}

/** Nothing is known any more: all who wait are looked at again. */
export function forgetBarren(ground: BarrenGround): void {
  ground.fresh.length = 0;
  ground.prefillTokens.fill(-1);
}

/** Notes the open endpoints with more room than was in vain; returns how many. */
export function findFertile(ground: BarrenGround, room: Room): number {
  ground.fertileCount = 0;
  for (let index = 0; index < room.open; index += 1) {
    const endpoint = room.endpoints[index] as number;
    if (!hasMore(ground, room, endpoint)) continue;
    ground.fertile[ground.fertileCount] = endpoint;
    ground.fertileCount += 1;
  }
  return ground.fertileCount;
}

/** Nobody who waits fits anywhere. Newcomers were looked at with the room that there is now, so no more than that is known from now on. */
export function markBarren(ground: BarrenGround, room: Room): void {
  ground.fresh.length = 0;
  ground.prefillTokens.set(room.prefillTokens);
  for (let index = 0; index < room.open; index += 1) {
    const endpoint = room.endpoints[index] as number;
    if (ground.seen[endpoint] === room.seen[endpoint]) continue;
    ground.seen[endpoint] = room.seen[endpoint] as number;
    ground.spareSlots[endpoint] = spareSlots(room, endpoint);
    ground.keptTokens[endpoint] = room.keptTokens[endpoint] as number;
    const from = endpoint * SPANS;
    for (let cell = from; cell < from + SPANS; cell += 1) ground.memory[cell] = room.memory[cell] as number;
  }
}

function hasMore(ground: BarrenGround, room: Room, endpoint: number): boolean {
  const prefill = ground.prefillTokens[endpoint] as number;
  if (prefill < 0 || (room.prefillTokens[endpoint] as number) > prefill) return true;
  if (ground.seen[endpoint] === room.seen[endpoint]) return false;
  if (spareSlots(room, endpoint) > (ground.spareSlots[endpoint] as number)) return true;
  if ((room.keptTokens[endpoint] as number) < (ground.keptTokens[endpoint] as number)) return true;
  for (let cell = endpoint * SPANS; cell < (endpoint + 1) * SPANS; cell += 1) {
    if ((room.memory[cell] as number) > (ground.memory[cell] as number)) return true;
  }
  return false;
}

function spareSlots(room: Room, endpoint: number): number {
  return (room.freeSlots[endpoint] as number) - (room.keptSlots[endpoint] as number);
}
