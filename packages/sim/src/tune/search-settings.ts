// Finds the best of a few settings that each have some values, when every look costs a simulation. Small spaces are searched whole; in larger ones
// one setting after the other is tried with all its values, from where the app stands, until no one of them alone helps any more.

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
  /** Every point was looked at, so the best is the best of all. */
  readonly isWhole: boolean;
}

/** Looks for the best point; of equal ones the one found first, so that nothing is changed for nothing. */
export async function searchSettings<Result>(options: SearchOptions<Result>): Promise<SearchOutcome<Result>> {
  const { axes, measure, compare, maxRuns } = options;
  const known = new Set<string>();
  const startPoint = Object.fromEntries(axes.map(({ name, start }) => [name, start]));

  const keyOf = (point: SearchPoint): string => axes.map(({ name }) => point[name]).join(" ");
  const start = { point: startPoint, result: await measure(startPoint) };
  known.add(keyOf(startPoint));
  let best: Looked<Result> = start;
  /** Whether it is the new best. No point is considered twice, so a scan ends even where differences too small to count go in a circle. */
  const consider = async (point: SearchPoint): Promise<boolean> => {
    const key = keyOf(point);
    if (known.has(key) || known.size >= maxRuns) return false;
    known.add(key);
    const looked = { point, result: await measure(point) };
    if (compare(looked.result, best.result) >= 0) return false;
    best = looked;
    return true;
  };
  const size = axes.reduce((product, { values }) => product * values.length, 1);
  if (size <= maxRuns) for (const point of allPoints(axes)) await consider(point);
  else await scan(axes, consider, () => best.point);
  return { start, best, runs: known.size, isWhole: known.size === size };
}

function allPoints(axes: readonly SearchAxis[]): readonly SearchPoint[] {
  return axes.reduce<readonly SearchPoint[]>(
    (points, { name, values }) => points.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
}

/** All values of one axis after the other, from where the best is, until a whole round moves none. */
async function scan(
  axes: readonly SearchAxis[],
  consider: (point: SearchPoint) => Promise<boolean>,
  bestPoint: () => SearchPoint,
): Promise<void> {
  for (let hasMoved = true; hasMoved;) {
    hasMoved = false;
    for (const { name, values } of axes) {
      const from = bestPoint();
      for (const value of values) if (await consider({ ...from, [name]: value })) hasMoved = true;
    }
  }
}
