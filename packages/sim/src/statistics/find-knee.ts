// The knee: the greatest load at which a share of the requests still keeps the objective. Past it everything grows without bound, so loads are
// told as multiples of it.

/** How it is looked for. */
export interface KneeSearch {
  /** A load at which the objective is kept, or any guess. */
  readonly start: number;
  /** Share of good requests at the knee, such as 0.95. */
  readonly attainment: number;
  /** Relative width at which the search ends, such as 0.005. */
  readonly tolerance: number;
  /** Share of good requests at this load. */
  readonly measure: (load: number) => Promise<number>;
}

/** Bisects on a logarithmic axis, after doubling or halving into a bracket. Gives the lower end: there the objective is kept. */
export async function findKnee({ start, attainment, tolerance, measure }: KneeSearch): Promise<number> {
  const isKept = async (load: number): Promise<boolean> => (await measure(load)) >= attainment;
  let low = start;
  let high = start;
  if (await isKept(start)) {
    do {
      low = high;
      high *= WIDEN;
    } while (await isKept(high));
  } else {
    do {
      high = low;
      low /= WIDEN;
    } while (low > start / MOST && !(await isKept(low)));
  }
  while (high / low > 1 + tolerance) {
    const middle = Math.sqrt(low * high);
    if (await isKept(middle)) low = middle;
    else high = middle;
  }
  return low;
}

const WIDEN = 1.15;
/** Below this part of the guess there is no knee: the objective cannot be kept at all. */
const MOST = 100;
