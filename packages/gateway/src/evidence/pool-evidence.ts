// What requests of one pool looked like to its clients, after retries, since the last report of this worker.

/** Sums of one pool. Times are wall times. */
export interface PoolSums {
  readonly pool: string;
  succeeded: number;
  failed: number;
  retried: number;
  /** All that are over, those whose client left too. */
  ended: number;
  /** Turned away because too many came. */
  refused: number;
  lastGoodAt: number | undefined;
  firstBadAt: number | undefined;
  hasNews: boolean;
}

/** Empty sums. */
export function createPoolSums(pool: string): PoolSums {
  return {
    pool,
    succeeded: 0,
    failed: 0,
    retried: 0,
    ended: 0,
    refused: 0,
    lastGoodAt: undefined,
    firstBadAt: undefined,
    hasNews: false,
  };
}

/** Adds one finished request. */
export function addRequest(
  sums: PoolSums,
  end: { readonly isGood: boolean; readonly wasRetried: boolean; readonly at: number },
): void {
  sums.hasNews = true;
  if (end.wasRetried) sums.retried += 1;
  if (end.isGood) {
    sums.succeeded += 1;
    sums.lastGoodAt = end.at;
  } else {
    sums.failed += 1;
    sums.firstBadAt ??= end.at;
  }
}

/** The sums as they are, and a fresh start. */
export function takePoolSums(sums: PoolSums): PoolSums {
  const taken = { ...sums };
  Object.assign(sums, createPoolSums(sums.pool));
  return taken;
}
