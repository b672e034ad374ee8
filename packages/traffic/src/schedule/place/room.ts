// How much room the endpoints have. It is read from the book once a look, and only where something has changed since the last one. Most of those
// who wait are then told apart by comparisons with the largest room there is, before any endpoint is looked at.
import type { EndpointBook } from "../book/endpoint-book.ts";
import { NO_LIMIT, slotsOf } from "../book/endpoint-limits.ts";
import { boundContexts, SPANS } from "../book/memory-forecast.ts";
import type { QueueTable } from "../order/queue-table.ts";

/** The room of a pool; kept up by `readRoom`. Columns by endpoint, some by endpoint and span of the memory forecast. */
export interface Room {
  /** Endpoints with a free slot that are not shut: the first `open` entries. */
  readonly endpoints: Int32Array;
  open: number;
  /** The largest prompt and the largest context that any of them takes. */
  mostPrefill: number;
  mostContext: number;
  /** The state of the book that was read, as its number of changes; −1: it has to be read again. */
  readonly seen: Int32Array;
  readonly active: Int32Array;
  readonly prefillInFlight: Int32Array;
  /** Prompt tokens that a request may have; −1 without a free slot, or while the endpoint is shut. */
  readonly prefillTokens: Int32Array;
  /** The same, whether it is shut or not. */
  readonly ownPrefillTokens: Int32Array;
  /** Free memory by span, and the largest context that has room until the span, see `memory-forecast.ts`. */
  readonly memory: Int32Array;
  readonly contexts: Int32Array;
  /** The most memory that is in use in any span. */
  readonly memoryPeak: Int32Array;
  /** Slots that are free, and what of them and of the memory those leave to others who have to. */
  readonly freeSlots: Int32Array;
  readonly keptSlots: Int32Array;
  readonly keptTokens: Int32Array;
  /** The share that they leave (0–1). */
  headroom: number;
  /** The share of its slots that an endpoint may use after it came back (0–1]; what a new one may use stands in its limits. */
  readonly slotShare: Float64Array;
}

/** Room for a pool of so many endpoints. */
export function createRoom(size: number): Room {
  return {
    endpoints: new Int32Array(size),
    open: 0,
    mostPrefill: -1,
    mostContext: -1,
    seen: new Int32Array(size).fill(-1),
    active: new Int32Array(size),
    prefillInFlight: new Int32Array(size),
    prefillTokens: new Int32Array(size).fill(-1),
    ownPrefillTokens: new Int32Array(size).fill(-1),
    memory: new Int32Array(size * SPANS),
    contexts: new Int32Array(size * SPANS),
    memoryPeak: new Int32Array(size),
    freeSlots: new Int32Array(size),
    keptSlots: new Int32Array(size),
    keptTokens: new Int32Array(size),
    headroom: 0,
    slotShare: new Float64Array(size).fill(1),
  };
}

/** Reads what has changed. `claimed` is shut (−1: none is claimed). */
export function readRoom(room: Room, book: EndpointBook, claimed: number): void {
  clear(room);
  for (let endpoint = 0; endpoint < book.size; endpoint += 1) read(room, book, endpoint, endpoint === claimed);
}

/** Reads so many endpoints alone, drawn evenly: every n-th from one on. The others are shut. */
export function readSample(room: Room, book: EndpointBook, from: number, count: number): void {
  clear(room);
  const stride = Math.floor(book.size / count);
  for (let drawn = 0; drawn < count; drawn += 1) read(room, book, (from + drawn * stride) % book.size, false);
}

/** Reads some more endpoints beside those of a sample. */
export function readBeside(room: Room, book: EndpointBook, endpoints: Int32Array, count: number): void {
  const sampled = room.open;
  for (let index = 0; index < count; index += 1) {
    const endpoint = endpoints[index] as number;
    if (!isAmong(room.endpoints, sampled, endpoint)) read(room, book, endpoint, false);
  }
}

function isAmong(endpoints: Int32Array, count: number, endpoint: number): boolean {
  for (let index = 0; index < count; index += 1) if (endpoints[index] === endpoint) return true;
  return false;
}

/** Opens an endpoint that was claimed; false: it has no free slot. */
export function openClaimed(room: Room, endpoint: number): boolean {
  const prefill = room.ownPrefillTokens[endpoint] as number;
  if (prefill < 0) return false;
  room.prefillTokens[endpoint] = prefill;
  open(room, endpoint);
  return true;
}

/** Takes an endpoint out until the room is read again. */
export function shutEndpoint(room: Room, endpoint: number): void {
  const before = room.open;
  room.prefillTokens[endpoint] = -1;
  clear(room);
  for (let index = 0; index < before; index += 1) {
    const other = room.endpoints[index] as number;
    if (other !== endpoint) open(room, other);
  }
}

/** What a request needs of an endpoint's memory. */
export interface MemoryNeed {
  contextTokens: number;
  remainingTokens: number;
  /** The span in which it ends. */
  span: number;
  /** It leaves some room to others. */
  isHeldBack: boolean;
}

/** Sets the share of slots and memory that those leave to others who have to; all endpoints are read again when it changes. */
export function setHeadroom(room: Room, headroom: number): void {
  if (headroom === room.headroom) return;
  room.headroom = headroom;
  room.seen.fill(-1);
}

/** Whether a request has room at an endpoint where so many of its tokens have to be read. */
export function hasRoom(room: Room, endpoint: number, need: MemoryNeed, prefillTokens: number): boolean {
  const cell = endpoint * SPANS + need.span;
  const kept = keptOf(room, endpoint, need.isHeldBack);
  return (
    prefillTokens <= (room.prefillTokens[endpoint] as number) &&
    need.contextTokens + kept <= (room.contexts[cell] as number) &&
    need.contextTokens + need.remainingTokens + kept <= (room.memory[cell] as number)
  );
}

/** Whether the request in this slot fits this endpoint, as far as its prompt was known there when it came. */
export function slotFits(room: Room, table: QueueTable, slot: number, endpoint: number): boolean {
  const isWarm = table.warmEndpoint[slot] === endpoint;
  if (!isWarm && (table.waitsUntil[slot] as number) > 0) return false;
  const prefill = (isWarm ? table.warmTokens[slot] : table.inputTokens[slot]) as number;
  return prefill <= (room.prefillTokens[endpoint] as number) && slotHasMemory(room, table, slot, endpoint);
}

/** The same for any endpoint that is open. */
export function slotFitsAny(room: Room, table: QueueTable, slot: number): boolean {
  const input = table.inputTokens[slot] as number;
  if (input > room.mostContext) return false;
  const warm = table.warmEndpoint[slot] as number;
  if (warm >= 0 && slotFits(room, table, slot, warm)) return true;
  if (input > room.mostPrefill || (table.waitsUntil[slot] as number) > 0) return false;
  for (let index = 0; index < room.open; index += 1) {
    const endpoint = room.endpoints[index] as number;
    if (input <= (room.prefillTokens[endpoint] as number) && slotHasMemory(room, table, slot, endpoint)) return true;
  }
  return false;
}

/** Tokens of memory that a request leaves to others at an endpoint; more than there are when it has to leave the last slots too. */
export function keptOf(room: Room, endpoint: number, isHeldBack: boolean): number {
  if (!isHeldBack) return 0;
  return (room.freeSlots[endpoint] as number) > (room.keptSlots[endpoint] as number)
    ? (room.keptTokens[endpoint] as number)
    : NO_LIMIT;
}

function slotHasMemory(room: Room, table: QueueTable, slot: number, endpoint: number): boolean {
  const cell = endpoint * SPANS + (table.span[slot] as number);
  const context = table.inputTokens[slot] as number;
  const kept = keptOf(room, endpoint, table.isHeldBack[slot] === 1);
  return (
    context + kept <= (room.contexts[cell] as number) &&
    context + (table.remainingTokens[slot] as number) + kept <= (room.memory[cell] as number)
  );
}

function clear(room: Room): void {
  room.open = 0;
  room.mostPrefill = -1;
  room.mostContext = -1;
}

function read(room: Room, book: EndpointBook, endpoint: number, isClaimed: boolean): void {
  const changes = book.changes(endpoint);
  if (room.seen[endpoint] !== changes) {
    room.seen[endpoint] = changes;
    readEndpoint(room, book, endpoint);
  }
  const prefill = isClaimed ? -1 : (room.ownPrefillTokens[endpoint] as number);
  room.prefillTokens[endpoint] = prefill;
  if (prefill >= 0) open(room, endpoint);
}

function open(room: Room, endpoint: number): void {
  room.endpoints[room.open] = endpoint;
  room.open += 1;
  room.mostPrefill = Math.max(room.mostPrefill, room.prefillTokens[endpoint] as number);
  room.mostContext = Math.max(room.mostContext, room.memory[endpoint * SPANS] as number);
}

function readEndpoint(room: Room, book: EndpointBook, endpoint: number): void {
  const limits = book.limits(endpoint);
  const active = book.active(endpoint);
  const prefill = book.prefillTokens(endpoint);
  const cap = slotsOf(limits.activeCap, (room.slotShare[endpoint] as number) * (limits.startShare ?? 1));
  room.active[endpoint] = active;
  room.freeSlots[endpoint] = Math.max(0, cap - active);
  // Never all of them: who is held back would wait for ever where nothing else happens.
  room.keptSlots[endpoint] = Math.min(cap - 1, Math.round(cap * room.headroom));
  room.keptTokens[endpoint] = limits.kvTokenCap === NO_LIMIT ? 0 : Math.floor(limits.kvTokenCap * room.headroom);
  room.prefillInFlight[endpoint] = prefill;
  // A prompt larger than the limit goes where none is being read, a request larger than the memory where nothing runs.
  const prefillRoom = prefill === 0 ? NO_LIMIT - 1 : Math.max(0, limits.prefillTokenCap - prefill);
  room.ownPrefillTokens[endpoint] = limits.isServing && active < cap ? prefillRoom : -1;
  const from = endpoint * SPANS;
  if (active === 0 || limits.kvTokenCap === NO_LIMIT) {
    room.memory.fill(NO_LIMIT - 1, from, from + SPANS);
    room.contexts.fill(NO_LIMIT - 1, from, from + SPANS);
    room.memoryPeak[endpoint] = 0;
    return;
  }
  book.readMemory(endpoint, room.memory, from);
  let peak = 0;
  for (let cell = from; cell < from + SPANS; cell += 1) {
    const inUse = room.memory[cell] as number;
    peak = Math.max(peak, inUse);
    room.memory[cell] = limits.kvTokenCap - inUse;
  }
  room.memoryPeak[endpoint] = peak;
  boundContexts(room.memory, room.contexts, from);
}
