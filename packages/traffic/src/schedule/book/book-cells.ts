// Where the numbers of an endpoint book lie in its buffer, and how they are added up. Every worker has a row with what its requests hold, and a
// total is the sum of a column: there is no second number that a dying worker could leave wrong.
import { slotsOf, type EndpointLimits } from "./endpoint-limits.ts";
import { growthIn, lastSpan, SPANS } from "./memory-forecast.ts";
import type { Reservation } from "./reservation.ts";

/** Whole numbers of an endpoint's own part. */
const VERSION = 0;
const GENERATION = 1;
const SERVING = 2;
const ACTIVE_CAP = 3;
const PREFILL_CAP = 4;
const KV_CAP = 5;
const CHANGES = 6;
const OWN_CELLS = 8;
/** Fractions of it: weight, the three rates, and the share that it has while it is new. */
const OWN_FRACTIONS = 5;
const START_SHARE = 4;
/** What is held at one endpoint: a cell of each kind; memory has one for each span of the forecast. */
export const ACTIVE = 0;
export const PREFILL = 1;
export const WORK = 2;
export const MEMORY = 3;
const ROW_CELLS = MEMORY + SPANS;
/** Work is counted in eighths of a millisecond: a cell holds three days of it. */
export const WORK_PARTS = 8;
/** No single amount is larger, so that sums stay whole numbers of 32 bits. */
const MOST = 0x0fff_ffff;

/** Size of a book: how many endpoints it can have, and how many workers. */
export interface BookSize {
  readonly endpoints: number;
  readonly rows: number;
}

/** The cells of a book. */
export interface BookCells extends BookSize {
  readonly fractions: Float64Array;
  readonly own: Int32Array;
  readonly held: Int32Array;
}

/** Bytes of a book's buffer. */
export function cellBookBytes({ endpoints, rows }: BookSize): number {
  return endpoints * (OWN_FRACTIONS * 8 + OWN_CELLS * 4 + rows * ROW_CELLS * 4);
}

/** Lays the cells over a buffer. */
export function layCells(size: BookSize, buffer: ArrayBufferLike): BookCells {
  const { endpoints, rows } = size;
  const fractions = new Float64Array(buffer, 0, endpoints * OWN_FRACTIONS);
  const own = new Int32Array(buffer, fractions.byteLength, endpoints * OWN_CELLS);
  const held = new Int32Array(buffer, fractions.byteLength + own.byteLength, rows * endpoints * ROW_CELLS);
  return { ...size, fractions, own, held };
}

/** The sum of a column. */
export function sumCells({ held, endpoints, rows }: BookCells, endpoint: number, kind: number): number {
  let total = 0;
  for (let row = 0; row < rows; row += 1) total += Atomics.load(held, (row * endpoints + endpoint) * ROW_CELLS + kind);
  return total;
}

/** Whether the reservation is held, and at the endpoint that has the number now. */
export function isCurrent({ own }: BookCells, { endpoint, generation }: Reservation): boolean {
  return endpoint >= 0 && Atomics.load(own, endpoint * OWN_CELLS + GENERATION) === generation;
}

/** Adds what a reservation holds at an endpoint, or takes it off. */
export function addHeld(cells: BookCells, endpoint: number, reservation: Reservation, sign: 1 | -1): void {
  const cell = cellOf(cells, reservation.row, endpoint);
  Atomics.add(cells.held, cell + ACTIVE, sign);
  Atomics.add(cells.held, cell + PREFILL, sign * reservation.prefillTokens);
  Atomics.add(cells.held, cell + WORK, sign * reservation.workMs * WORK_PARTS);
  addMemory(cells, cell, reservation, sign);
}

/** Says that something has changed at an endpoint; called after the change, so that nobody takes an old state for the new one. */
export function noteChange({ own }: BookCells, endpoint: number): void {
  Atomics.add(own, endpoint * OWN_CELLS + CHANGES, 1);
}

/** How often something has changed at an endpoint. */
export function changesOf({ own }: BookCells, endpoint: number): number {
  return Atomics.load(own, endpoint * OWN_CELLS + CHANGES);
}

/** The sums of the memory cells of an endpoint, by span. */
export function sumMemory(
  { held, endpoints, rows }: BookCells,
  endpoint: number,
  into: Int32Array,
  from: number,
): void {
  into.fill(0, from, from + SPANS);
  for (let row = 0; row < rows; row += 1) {
    const cell = (row * endpoints + endpoint) * ROW_CELLS + MEMORY;
    for (let span = 0; span < SPANS; span += 1)
      into[from + span] = (into[from + span] as number) + Atomics.load(held, cell + span);
  }
}

/** Takes off the prompt of a reservation. */
export function dropPrefill(cells: BookCells, reservation: Reservation): void {
  const cell = cellOf(cells, reservation.row, reservation.endpoint);
  Atomics.sub(cells.held, cell + PREFILL, reservation.prefillTokens);
}

/** Writes other amounts into a reservation that is held, and the difference into the cells. */
export function replaceHeld(
  cells: BookCells,
  held: Reservation,
  next: Omit<Reservation, "row" | "endpoint" | "generation" | "prefillTokens">,
): void {
  const cell = cellOf(cells, held.row, held.endpoint);
  // The new amount first: the sum is never seen too small.
  addMemory(cells, cell, next, 1);
  addMemory(cells, cell, held, -1);
  Atomics.add(cells.held, cell + WORK, (next.workMs - held.workMs) * WORK_PARTS);
}

/** Whether what is held at an endpoint, with one that was just added, keeps to its limits. */
export function keepsLimits(cells: BookCells, endpoint: number, added: Reservation): boolean {
  const at = endpoint * OWN_CELLS;
  const active = sumCells(cells, endpoint, ACTIVE);
  const startShare = cells.fractions[endpoint * OWN_FRACTIONS + START_SHARE] as number;
  if (active > slotsOf(Atomics.load(cells.own, at + ACTIVE_CAP), startShare)) return false;
  const prefill = sumCells(cells, endpoint, PREFILL);
  // A prompt larger than the limit goes where none is being read, a request larger than the memory where nothing runs.
  const isPromptAlone = added.prefillTokens === 0 || prefill === added.prefillTokens;
  if (!isPromptAlone && prefill > Atomics.load(cells.own, at + PREFILL_CAP)) return false;
  const needed = added.contextTokens + added.remainingTokens;
  if (active === 1 || needed === 0) return true;
  const cap = Atomics.load(cells.own, at + KV_CAP);
  const last = lastSpan(added.remainingTokens);
  for (let span = 0; span <= last; span += 1) {
    if (sumCells(cells, endpoint, MEMORY + span) > cap) return false;
  }
  return true;
}

/** Makes the cells of a row the sums of what these reservations hold. Only differences are written, so no sum is seen too small meanwhile. */
export function restoreHeld(cells: BookCells, row: number, held: Iterable<Reservation>): void {
  const { endpoints } = cells;
  const wanted = new Int32Array(endpoints * ROW_CELLS);
  const scratch: BookCells = { ...cells, rows: 1, held: wanted };
  for (const reservation of held) {
    if (isCurrent(cells, reservation)) addHeld(scratch, reservation.endpoint, { ...reservation, row: 0 }, 1);
  }
  const from = row * wanted.length;
  for (let endpoint = 0; endpoint < endpoints; endpoint += 1) {
    let isOther = false;
    for (let cell = endpoint * ROW_CELLS; cell < (endpoint + 1) * ROW_CELLS; cell += 1) {
      const difference = (wanted[cell] as number) - Atomics.load(cells.held, from + cell);
      if (difference === 0) continue;
      Atomics.add(cells.held, from + cell, difference);
      isOther = true;
    }
    if (isOther) noteChange(cells, endpoint);
  }
}

/** Makes the amounts of a reservation whole numbers within bounds. */
export function roundAmounts(reservation: Reservation): void {
  reservation.prefillTokens = wholeTokens(reservation.prefillTokens);
  reservation.contextTokens = wholeTokens(reservation.contextTokens);
  reservation.remainingTokens = wholeTokens(reservation.remainingTokens);
  reservation.workMs = wholeParts(reservation.workMs);
}

/** A number of tokens as the cells can hold it. */
export function wholeTokens(tokens: number): number {
  return Math.min(MOST, Math.max(0, Math.ceil(tokens)));
}

/** Work as the cells can hold it, ms. */
export function wholeParts(workMs: number): number {
  return Math.min(MOST, Math.max(0, Math.round(workMs * WORK_PARTS))) / WORK_PARTS;
}

/** Empties the cells of an endpoint in all rows, or of a row at all endpoints. */
export function clearHeld(cells: BookCells, which: { readonly endpoint?: number; readonly row?: number }): void {
  const { held, endpoints, rows } = cells;
  for (let row = 0; row < rows; row += 1) {
    for (let endpoint = 0; endpoint < endpoints; endpoint += 1) {
      if (which.row !== row && which.endpoint !== endpoint) continue;
      const cell = (row * endpoints + endpoint) * ROW_CELLS;
      for (let kind = 0; kind < ROW_CELLS; kind += 1) Atomics.store(held, cell + kind, 0);
    }
  }
  for (let endpoint = 0; endpoint < endpoints; endpoint += 1) noteChange(cells, endpoint);
}

/** Whether the endpoint gets new requests. */
export function isServing({ own }: BookCells, endpoint: number): boolean {
  return Atomics.load(own, endpoint * OWN_CELLS + SERVING) === 1;
}

/** Which endpoint the number belongs to: rises when it gets another one. */
export function generationOf({ own }: BookCells, endpoint: number): number {
  return Atomics.load(own, endpoint * OWN_CELLS + GENERATION);
}

/** Gives the number to another endpoint. */
export function nextGeneration({ own }: BookCells, endpoint: number): void {
  Atomics.add(own, endpoint * OWN_CELLS + GENERATION, 1);
}

/** How often the limits have changed. */
export function limitsVersion({ own }: BookCells, endpoint: number): number {
  return Atomics.load(own, endpoint * OWN_CELLS + VERSION);
}

/** The limits in the cells. */
export function readLimits({ own, fractions }: BookCells, endpoint: number): EndpointLimits {
  const at = endpoint * OWN_CELLS;
  const from = endpoint * OWN_FRACTIONS;
  const startShare = fractions[from + START_SHARE] as number;
  return {
    activeCap: Atomics.load(own, at + ACTIVE_CAP),
    prefillTokenCap: Atomics.load(own, at + PREFILL_CAP),
    kvTokenCap: Atomics.load(own, at + KV_CAP),
    isServing: Atomics.load(own, at + SERVING) === 1,
    weight: fractions[from] as number,
    ...(startShare === 1 ? {} : { startShare }),
    rates: {
      prefillMs: fractions[from + 1] as number,
      decodeMs: fractions[from + 2] as number,
      contextMs: fractions[from + 3] as number,
    },
  };
}

/** Writes limits; one thread does. */
export function writeLimits(cells: BookCells, endpoint: number, limits: EndpointLimits): void {
  const { own, fractions } = cells;
  const at = endpoint * OWN_CELLS;
  const from = endpoint * OWN_FRACTIONS;
  fractions[from] = limits.weight;
  fractions[from + 1] = limits.rates.prefillMs;
  fractions[from + 2] = limits.rates.decodeMs;
  fractions[from + 3] = limits.rates.contextMs;
  fractions[from + START_SHARE] = limits.startShare ?? 1;
  Atomics.store(own, at + ACTIVE_CAP, Math.floor(limits.activeCap));
  Atomics.store(own, at + PREFILL_CAP, Math.floor(limits.prefillTokenCap));
  Atomics.store(own, at + KV_CAP, Math.floor(limits.kvTokenCap));
  Atomics.store(own, at + SERVING, limits.isServing ? 1 : 0);
  Atomics.add(own, at + VERSION, 1);
  noteChange(cells, endpoint);
}

function cellOf({ endpoints }: BookCells, row: number, endpoint: number): number {
  return (row * endpoints + endpoint) * ROW_CELLS;
}

function addMemory(
  { held }: BookCells,
  cell: number,
  { contextTokens, remainingTokens }: Pick<Reservation, "contextTokens" | "remainingTokens">,
  sign: 1 | -1,
): void {
  if (contextTokens + remainingTokens === 0) return;
  const last = lastSpan(remainingTokens);
  for (let span = 0; span <= last; span += 1) {
    Atomics.add(held, cell + MEMORY + span, sign * (contextTokens + growthIn(span, remainingTokens)));
  }
}
