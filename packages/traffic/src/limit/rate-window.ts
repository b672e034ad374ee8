// A rate over a sliding window, kept in plain numbers so that it can stand in shared memory. The window has sixty steps; the step that
// its older edge cuts is counted whole, so no span of the window's length ever holds more than the limit. What is lost to that is at
// most one step in sixty.

/** Steps of a window. */
const STEPS = 60;
/** The current step and the sixty before it, the oldest of which the edge cuts. */
const BUCKETS = STEPS + 1;

const LIMIT = 0;
const STEP_MS = 1;
const LAST_STEP = 2;
const TOTAL = 3;
const FIRST_BUCKET = 4;

/** Numbers that one window takes. */
export const RATE_WINDOW_CELLS = FIRST_BUCKET + BUCKETS;

/** Where a window's numbers begin. */
export interface WindowPlace {
  readonly cells: Float64Array;
  readonly at: number;
}

/** Sets the limit of a window; what it counted stays unless the window's length changes. `windowMs` is at least 60. */
export function setRate({ cells, at }: WindowPlace, limit: number, windowMs: number): void {
  cells[at + LIMIT] = limit;
  const stepMs = windowMs / STEPS;
  if (cells[at + STEP_MS] === stepMs) return;
  cells.fill(0, at + STEP_MS, at + RATE_WINDOW_CELLS);
  cells[at + STEP_MS] = stepMs;
}

/** Whether the amount fits now. Times are wall milliseconds; a clock that goes back counts in the newest step. */
export function fitsRate(place: WindowPlace, amount: number, now: number): boolean {
  advance(place, now);
  const { cells, at } = place;
  return read(cells, at + TOTAL) + amount <= read(cells, at + LIMIT);
}

/** Counts the amount whether it fits or not and returns the step in which it counts. */
export function addToRate(place: WindowPlace, amount: number, now: number): number {
  const step = advance(place, now);
  add(place, step, amount);
  return step;
}

/** Corrects what was counted in a step: a settlement gives back what was reserved too much, or adds what was used beyond it. */
export function correctRate(place: WindowPlace, step: number, change: number, now: number): void {
  const newest = advance(place, now);
  if (change > 0) add(place, newest, change);
  else if (newest - step < BUCKETS) {
    const counted = read(place.cells, bucketOf(place, step));
    add(place, step, Math.max(change, -counted));
  }
}

/** Milliseconds until the amount fits if nothing else is counted; Infinity when it is above the limit itself. */
export function msUntilFits(place: WindowPlace, amount: number, now: number): number {
  const newest = advance(place, now);
  const { cells, at } = place;
  let room = read(cells, at + LIMIT) - read(cells, at + TOTAL) - amount;
  if (room >= 0) return 0;
  if (amount > read(cells, at + LIMIT)) return Number.POSITIVE_INFINITY;
  const stepMs = read(cells, at + STEP_MS);
  for (let step = newest - STEPS; step <= newest; step += 1) {
    room += read(cells, bucketOf(place, step));
    if (room >= 0) return Math.max(1, Math.ceil((step + BUCKETS) * stepMs - now));
  }
  return Math.ceil(BUCKETS * stepMs);
}

/** What counts now, against the limit. */
export function readRate(place: WindowPlace, now: number): { readonly used: number; readonly limit: number } {
  advance(place, now);
  return { used: read(place.cells, place.at + TOTAL), limit: read(place.cells, place.at + LIMIT) };
}

/** What counts now, step by step: when each step began, and its amount. Steps without an amount are left out. */
export function rateSteps(place: WindowPlace, now: number): readonly (readonly [stepStart: number, amount: number])[] {
  const newest = advance(place, now);
  const stepMs = read(place.cells, place.at + STEP_MS);
  const steps: (readonly [number, number])[] = [];
  for (let step = newest - STEPS; step <= newest; step += 1) {
    const amount = read(place.cells, bucketOf(place, step));
    if (amount > 0) steps.push([step * stepMs, amount]);
  }
  return steps;
}

/** Makes the total the sum of its buckets again, after a writer died between the two. */
export function repairRate({ cells, at }: WindowPlace): void {
  let total = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) total += read(cells, at + FIRST_BUCKET + bucket);
  cells[at + TOTAL] = total;
}

function advance(place: WindowPlace, now: number): number {
  const { cells, at } = place;
  const last = read(cells, at + LAST_STEP);
  const step = Math.floor(now / read(cells, at + STEP_MS));
  if (step <= last) return last;
  const gone = Math.min(step - last, BUCKETS);
  for (let offset = 1; offset <= gone; offset += 1) {
    const bucket = bucketOf(place, last + offset);
    cells[at + TOTAL] = read(cells, at + TOTAL) - read(cells, bucket);
    cells[bucket] = 0;
  }
  cells[at + LAST_STEP] = step;
  return step;
}

function add(place: WindowPlace, step: number, amount: number): void {
  const { cells, at } = place;
  const bucket = bucketOf(place, step);
  cells[bucket] = read(cells, bucket) + amount;
  cells[at + TOTAL] = read(cells, at + TOTAL) + amount;
}

function bucketOf({ at }: WindowPlace, step: number): number {
  return at + FIRST_BUCKET + (step % BUCKETS);
}

function read(cells: Float64Array, index: number): number {
  return cells[index] as number;
}
