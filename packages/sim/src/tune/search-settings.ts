// Finds the best of a few settings that each have some values, when every look costs a simulation. Small spaces are searched whole. In larger
// ones one setting after the other is tried with all its values, from where the app stands, until no one of them alone helps any more; then,
// because fewer replicas often need other settings too, the same is done with one replica less for as long as that helps.

/** One setting and its values, in their order. */
export interface SearchAxis {
  readonly name: string;
  readonly values: readonly number[];
  /** Where to begin; one of the values. */
  readonly start: number;
}

/** A value for each axis. */
export type SearchPoint = Readonly<Record<string, number>>;

/** How to look. */
export interface SearchOptions<Result> {
  readonly axes: readonly SearchAxis[];
  readonly measure: (point: SearchPoint) => Promise<Result>;
  /** Below 0: the first is the better one. */
  readonly compare: (a: Result, b: Result) => number;
  /** At most so many looks. */
  readonly maxRuns: number;
  /** The axis of which less is wanted, together with a change of the others. */
  readonly spare?: string;
  /** Whether a point is known to be no better than the best without a look at it. */
  readonly isHopeless?: (point: SearchPoint, best: Looked<Result>) => boolean;
}

/** A point that was looked at. */
export interface Looked<Result> {
  readonly point: SearchPoint;
  readonly result: Result;
}

/** What came of it. */
export interface SearchOutcome<Result> {
  readonly start: Looked<Result>;
  readonly best: Looked<Result>;
  readonly runs: number;
  /** Every point was looked at or is known to be no better, so the best is the best of all. */
  readonly isWhole: boolean;
}

/** Looks for the best point; of equal ones the one found first, so that nothing is changed for nothing. */
export async function searchSettings<Result>(options: SearchOptions<Result>): Promise<SearchOutcome<Result>> {
  const { axes, maxRuns, spare } = options;
  const size = axes.reduce((product, { values }) => product * values.length, 1);
  const start = await look(options, Object.fromEntries(axes.map((axis) => [axis.name, axis.start])));
  const trip: Trip<Result> = { options, known: new Map([[keyOf(start.point), start]]), best: start };
  const isWhole = size <= maxRuns;
  if (isWhole) for (const point of allPoints(axes)) await consider(trip, point);
  else {
    await descend(trip, start, axes);
    if (spare !== undefined) await spareSome(trip, spare);
  }
  return { start, best: trip.best, runs: trip.known.size, isWhole };
}

/** A search on its way. `known` is bounded by `maxRuns`. */
interface Trip<Result> {
  readonly options: SearchOptions<Result>;
  readonly known: Map<string, Looked<Result>>;
  best: Looked<Result>;
}

async function look<Result>(options: SearchOptions<Result>, point: SearchPoint): Promise<Looked<Result>> {
  return { point, result: await options.measure(point) };
}

function keyOf(point: SearchPoint): string {
  return Object.values(point).join(" ");
}

/** Looks at a point for the first time; undefined where it is known, hopeless or one too many. */
async function consider<Result>(trip: Trip<Result>, point: SearchPoint): Promise<Looked<Result> | undefined> {
  const { options, known } = trip;
  const { maxRuns, compare, isHopeless } = options;
  const key = keyOf(point);
  if (known.has(key) || known.size >= maxRuns || isHopeless?.(point, trip.best) === true) return undefined;
  const looked = await look(options, point);
  known.set(key, looked);
  if (compare(looked.result, trip.best.result) < 0) trip.best = looked;
  return looked;
}

/**
 * All values of one axis after the other, from the best so far, until a whole round moves none. Only a point that was never looked at moves
 * it, so it ends even where differences too small to count go in a circle.
 */
async function descend<Result>(
  trip: Trip<Result>,
  from: Looked<Result>,
  axes: readonly SearchAxis[],
): Promise<Looked<Result>> {
  let best = from;
  for (let hasMoved = true; hasMoved;) {
    hasMoved = false;
    for (const { name, values } of axes) {
      const { point } = best;
      for (const value of values) {
        const looked = await consider(trip, { ...point, [name]: value });
        if (looked === undefined || trip.options.compare(looked.result, best.result) >= 0) continue;
        best = looked;
        hasMoved = true;
      }
    }
  }
  return best;
}

/** One step down on an axis with the others searched anew, for as long as that gives a better point. */
async function spareSome<Result>(trip: Trip<Result>, name: string): Promise<void> {
  const { axes } = trip.options;
  const values = axes.find((axis) => axis.name === name)?.values ?? [];
  const others = axes.filter((axis) => axis.name !== name);
  for (;;) {
    const { best } = trip;
    const less = values.findLast((value) => value < (best.point[name] ?? 0));
    if (less === undefined) return;
    const point = { ...best.point, [name]: less };
    const from = trip.known.get(keyOf(point)) ?? (await consider(trip, point));
    if (from === undefined) return;
    await descend(trip, from, others);
    if (trip.best === best) return;
  }
}

function allPoints(axes: readonly SearchAxis[]): readonly SearchPoint[] {
  return axes.reduce<readonly SearchPoint[]>(
    (points, { name, values }) => points.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
}
