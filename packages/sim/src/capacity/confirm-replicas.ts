// What the formulas planned, tried: more replicas while the objective is not kept, fewer while it still is.

/** One number of replicas, tried. */
export interface Trial<Result> {
  readonly replicas: number;
  readonly isKept: boolean;
  readonly result: Result;
}

/** What came of it. */
export interface Confirmation<Result> {
  /** The least that keep the objective; undefined: none up to the bound does. */
  readonly replicas: number | undefined;
  /** In the order in which they were tried. */
  readonly trials: readonly Trial<Result>[];
}

/** How to look. */
export interface ConfirmOptions<Result> {
  readonly planned: number;
  readonly maxReplicas: number;
  readonly measure: (replicas: number) => Promise<{ readonly isKept: boolean; readonly result: Result }>;
}

/**
 * More replicas are taken to be no worse, so the border is bracketed from the plan in growing steps and bisected: a plan that is right needs two
 * runs.
 */
export async function confirmReplicas<Result>(options: ConfirmOptions<Result>): Promise<Confirmation<Result>> {
  const { maxReplicas, measure } = options;
  const planned = Math.min(options.planned, maxReplicas);
  const trials: Trial<Result>[] = [];
  async function keeps(replicas: number): Promise<boolean> {
    const { isKept, result } = await measure(replicas);
    trials.push({ replicas, isKept, result });
    return isKept;
  }
  /** Not kept at `low` (0: nothing serves), kept at `high`. */
  let low = 0;
  let high = planned;
  if (await keeps(planned)) {
    for (let step = 1; high > 1; step *= 2) {
      const fewer = Math.max(1, high - step);
      if (!(await keeps(fewer))) {
        low = fewer;
        break;
      }
      high = fewer;
    }
  } else {
    low = planned;
    for (let step = 1; ; step *= 2) {
      if (low >= maxReplicas) return { replicas: undefined, trials };
      high = Math.min(maxReplicas, low + step);
      if (await keeps(high)) break;
      low = high;
    }
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (await keeps(middle)) high = middle;
    else low = middle;
  }
  return { replicas: high, trials };
}
