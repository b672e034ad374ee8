// The least number of requests that any rule needs that looks at the results of one endpoint, knows both shares of failures beforehand and errs once in so
// many healthy requests. It is Page's test with the likelihood ratio of just these two shares: no rule that errs as seldom has a smaller mean from
// the worst moment on (G. V. Moustakides, Optimal stopping times for detecting changes in distributions, Annals of Statistics 1986). Solved on a grid.

const CELLS = 1_500;
const ROUNDS = 4_000;
const EXACT = 1e-12;

/** The best there can be: requests from the beginning of the fault to the ejection. */
export interface BestPossible {
  readonly threshold: number;
  readonly mean: number;
  readonly p95: number;
}

/** `base` and `burst` are shares of failures, neither 0 nor 1. */
export function bestPossible(base: number, burst: number, requestsBetweenErrors: number): BestPossible {
  let low = 0;
  let high = 2 * Math.log(requestsBetweenErrors);
  while (high - low > 1e-3) {
    const middle = (low + high) / 2;
    if (requestsToAlarm(walkOf(base, burst, middle), base) < requestsBetweenErrors) low = middle;
    else high = middle;
  }
  return { threshold: high, ...delayOf(walkOf(base, burst, high), burst) };
}

/** The log odds as cells between 0 and the threshold, and where a failure and a success lead from each. */
interface Walk {
  readonly failure: number;
  readonly success: number;
}

function walkOf(base: number, burst: number, threshold: number): Walk {
  const cell = threshold / CELLS;
  return { failure: Math.log(burst / base) / cell, success: Math.log((1 - burst) / (1 - base)) / cell };
}

/** Value at a place between two cells; beyond the threshold `beyond`, at and below 0 that of the lowest cell. */
function valueAt(values: Float64Array, place: number, beyond: number): number {
  if (place >= CELLS) return beyond;
  if (place <= 0) return values[0] as number;
  const cell = Math.floor(place);
  const above = cell + 1 >= CELLS ? beyond : (values[cell + 1] as number);
  return (values[cell] as number) + (place - cell) * (above - (values[cell] as number));
}

/** Mean time to the alarm where nothing is at fault: mean length of an excursion over the chance that one ends in an alarm. */
function requestsToAlarm(walk: Walk, base: number): number {
  const chance = settle((values, cell) => {
    if (cell === 0) return 0;
    return (
      base * valueAt(values, cell + walk.failure, 1) +
      (1 - base) * (cell + walk.success <= 0 ? 0 : valueAt(values, cell + walk.success, 1))
    );
  });
  const length = settle((values, cell) => {
    if (cell === 0) return 0;
    return (
      1 +
      base * valueAt(values, cell + walk.failure, 0) +
      (1 - base) * (cell + walk.success <= 0 ? 0 : valueAt(values, cell + walk.success, 0))
    );
  });
  return (1 + base * valueAt(length, walk.failure, 0)) / (base * valueAt(chance, walk.failure, 1));
}

function settle(next: (values: Float64Array, cell: number) => number): Float64Array {
  const values = new Float64Array(CELLS);
  for (let round = 0; round < ROUNDS; round += 1) {
    let change = 0;
    for (let cell = 0; cell < CELLS; cell += 1) {
      const value = next(values, cell);
      change = Math.max(change, Math.abs(value - (values[cell] as number)));
      values[cell] = value;
    }
    if (change < EXACT) break;
  }
  return values;
}

/** Where the fault begins with the log odds at 0, by passing on the chance of each place. */
function delayOf(walk: Walk, burst: number): { readonly mean: number; readonly p95: number } {
  let chances = new Float64Array(CELLS);
  chances[0] = 1;
  let mean = 0;
  let p95 = 0;
  for (let request = 1, left = 1; left > EXACT; request += 1) {
    mean += left;
    const after = new Float64Array(CELLS);
    left = 0;
    for (let cell = 0; cell < CELLS; cell += 1) {
      const chance = chances[cell] as number;
      if (chance === 0) continue;
      left += put(after, cell + walk.failure, chance * burst) + put(after, cell + walk.success, chance * (1 - burst));
    }
    chances = after;
    if (p95 === 0 && left <= 0.05) p95 = request;
  }
  return { mean, p95 };
}

/** What stays below the threshold. */
function put(after: Float64Array, place: number, chance: number): number {
  if (place >= CELLS) return 0;
  const cell = Math.max(0, Math.floor(place));
  const share = place <= 0 ? 0 : place - cell;
  after[cell] = (after[cell] as number) + chance * (1 - share);
  if (cell + 1 >= CELLS) return chance * (1 - share);
  after[cell + 1] = (after[cell + 1] as number) + chance * share;
  return chance;
}
