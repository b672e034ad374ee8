// How much room the endpoints have, read from the book once a look. Most of those who wait are then told apart by two comparisons with the
// largest room there is, before any endpoint is looked at. It also remembers for which room it is known that nobody who waits fits: while an
// endpoint has no more than that, only those who came since have to be looked at.
import type { EndpointBook } from "./endpoint-book.ts";
import { NO_LIMIT } from "./endpoint-limits.ts";
import { boundContexts, growthIn, SPANS } from "./memory-forecast.ts";
import type { QueueTable } from "./queue-table.ts";

/** The room of a pool at one moment; rewritten by `readRoom`. */
export interface Room {
  /** Endpoints with a free slot: the first `open` entries. */
  readonly endpoints: Int32Array;
  open: number;
  /** By endpoint: prompt tokens that a request may have there; −1 without a free slot. */
  readonly prefillTokens: Int32Array;
  /** By endpoint and span: free memory, and the largest context that has room until the span, see `memory-forecast.ts`. */
  readonly memory: Int32Array;
  readonly contexts: Int32Array;
  /** The largest prompt and the largest context that any of them takes. */
  mostPrefill: number;
  mostContext: number;
  /** By endpoint (and span): the room for which nobody in the queue was found; −1: nothing is known. */
  readonly barrenPrefill: Int32Array;
  readonly barrenMemory: Int32Array;
  /** By endpoint: the share of its slots that it may use while it is new (0–1]. */
  readonly slotShare: Float64Array;
}

/** Room for a pool of so many endpoints. */
export function createRoom(size: number): Room {
  return {
    endpoints: new Int32Array(size),
    open: 0,
    prefillTokens: new Int32Array(size).fill(-1),
    memory: new Int32Array(size * SPANS),
    contexts: new Int32Array(size * SPANS),
    mostPrefill: -1,
    mostContext: -1,
    barrenPrefill: new Int32Array(size).fill(-1),
    barrenMemory: new Int32Array(size * SPANS).fill(-1),
    slotShare: new Float64Array(size).fill(1),
  };
}

/** Reads all endpoints. `claimed` has no room (−1: none is claimed). */
export function readRoom(room: Room, book: EndpointBook, claimed: number): void {
  room.open = 0;
  for (let endpoint = 0; endpoint < book.size; endpoint += 1) {
    room.prefillTokens[endpoint] = -1;
    if (endpoint === claimed || !readEndpoint(room, book, endpoint)) continue;
    room.endpoints[room.open] = endpoint;
    room.open += 1;
  }
  findMost(room);
}

/** Adds an endpoint that `readRoom` left out because it is claimed; false: it has no free slot. */
export function openClaimed(room: Room, book: EndpointBook, endpoint: number): boolean {
  if (!readEndpoint(room, book, endpoint)) return false;
  room.endpoints[room.open] = endpoint;
  room.open += 1;
  findMost(room);
  return true;
}

/** Takes an endpoint out for the rest of this look. */
export function shutEndpoint(room: Room, endpoint: number): void {
  room.prefillTokens[endpoint] = -1;
  let kept = 0;
  for (let index = 0; index < room.open; index += 1) {
    const other = room.endpoints[index] as number;
    if (other === endpoint) continue;
    room.endpoints[kept] = other;
    kept += 1;
  }
  room.open = kept;
  findMost(room);
}

/** What a request needs of an endpoint's memory. */
export interface MemoryNeed {
  contextTokens: number;
  remainingTokens: number;
  /** The span in which it ends. */
  span: number;
}

/** Whether a request has room at an endpoint where so many of its tokens have to be read. */
export function hasRoom(room: Room, endpoint: number, need: MemoryNeed, prefillTokens: number): boolean {
  const cell = endpoint * SPANS + need.span;
  return (
    prefillTokens <= (room.prefillTokens[endpoint] as number) &&
    need.contextTokens <= (room.contexts[cell] as number) &&
    need.contextTokens + need.remainingTokens <= (room.memory[cell] as number)
  );
}

/** The most memory that is in use at an endpoint in the spans to come, with this need added; it has room. */
export function memoryWith(room: Room, endpoint: number, need: MemoryNeed, limit: number): number {
  let most = need.contextTokens + need.remainingTokens;
  const from = endpoint * SPANS;
  if ((room.memory[from] as number) > limit) return most;
  for (let span = 0; span < SPANS; span += 1) {
    const own = span <= need.span ? need.contextTokens + growthIn(span, need.remainingTokens) : 0;
    most = Math.max(most, limit - (room.memory[from + span] as number) + own);
  }
  return most;
}

/** Whether the request in this slot fits this endpoint, as far as its prompt was known there when it came. */
export function slotFits(room: Room, table: QueueTable, slot: number, endpoint: number): boolean {
  const isWarm = table.warmEndpoint[slot] === endpoint;
  const prefill = (isWarm ? table.warmTokens[slot] : table.inputTokens[slot]) as number;
  return prefill <= (room.prefillTokens[endpoint] as number) && hasMemory(room, table, slot, endpoint);
}

/** The same for any endpoint that is open. */
export function slotFitsAny(room: Room, table: QueueTable, slot: number): boolean {
  const input = table.inputTokens[slot] as number;
  if (input > room.mostContext) return false;
  const warm = table.warmEndpoint[slot] as number;
  if (warm >= 0 && slotFits(room, table, slot, warm)) return true;
  if (input > room.mostPrefill) return false;
  for (let index = 0; index < room.open; index += 1) {
    const endpoint = room.endpoints[index] as number;
    if (input <= (room.prefillTokens[endpoint] as number) && hasMemory(room, table, slot, endpoint)) return true;
  }
  return false;
}

/** Whether the endpoint has more room than it had when nobody was found for it. */
export function isFertile(room: Room, endpoint: number): boolean {
  if ((room.prefillTokens[endpoint] as number) > (room.barrenPrefill[endpoint] as number)) return true;
  for (let cell = endpoint * SPANS; cell < (endpoint + 1) * SPANS; cell += 1) {
    if ((room.memory[cell] as number) > (room.barrenMemory[cell] as number)) return true;
  }
  return false;
}

/** Nobody who waits fits anywhere. */
export function markBarren(room: Room): void {
  room.barrenPrefill.set(room.prefillTokens);
  room.barrenMemory.set(room.memory);
}

/** Nothing is known any more. */
export function forgetBarren(room: Room): void {
  room.barrenPrefill.fill(-1);
}

function hasMemory(room: Room, table: QueueTable, slot: number, endpoint: number): boolean {
  const input = table.inputTokens[slot] as number;
  const cell = endpoint * SPANS + (table.span[slot] as number);
  return (
    input <= (room.contexts[cell] as number) &&
    input + (table.remainingTokens[slot] as number) <= (room.memory[cell] as number)
  );
}

function readEndpoint(room: Room, book: EndpointBook, endpoint: number): boolean {
  const limits = book.limits(endpoint);
  if (!limits.isServing) return false;
  const active = book.active(endpoint);
  const share = room.slotShare[endpoint] as number;
  const cap = share === 1 ? limits.activeCap : Math.max(1, Math.floor(limits.activeCap * share));
  if (active >= cap) return false;
  const prefill = book.prefillTokens(endpoint);
  // A prompt larger than the limit goes where none is being read, a request larger than the memory where nothing runs.
  room.prefillTokens[endpoint] = prefill === 0 ? NO_LIMIT - 1 : Math.max(0, limits.prefillTokenCap - prefill);
  const from = endpoint * SPANS;
  if (active === 0 || limits.kvTokenCap === NO_LIMIT) {
    room.memory.fill(NO_LIMIT - 1, from, from + SPANS);
    room.contexts.fill(NO_LIMIT - 1, from, from + SPANS);
    return true;
  }
  book.readMemory(endpoint, room.memory, from);
  for (let cell = from; cell < from + SPANS; cell += 1) room.memory[cell] = limits.kvTokenCap - (room.memory[cell] as number);
  boundContexts(room.memory, room.contexts, from);
  return true;
}

function findMost(room: Room): void {
  room.mostPrefill = -1;
  room.mostContext = -1;
  for (let index = 0; index < room.open; index += 1) {
    const endpoint = room.endpoints[index] as number;
    room.mostPrefill = Math.max(room.mostPrefill, room.prefillTokens[endpoint] as number);
    room.mostContext = Math.max(room.mostContext, room.memory[endpoint * SPANS] as number);
  }
}
