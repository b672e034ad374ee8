// The recent looks at a pool, with the means and the peak that a decision asks for. At most 3,700 of them, the oldest go: at one a second
// that is an hour, the longest window that a manifest may ask for.
import type { OfferedLoad } from "./offered-load.ts";

/** One look with its split. */
export interface LoadRecord extends OfferedLoad {
  readonly at: number;
  /** Load and backlog. */
  readonly demand: number;
  readonly backlog: number;
  readonly capacity: number;
  readonly serving: number;
}

/** Means over a window. */
export interface LoadMeans {
  readonly demand: number;
  readonly offered: number;
  readonly excess: number;
  readonly backlog: number;
  readonly records: number;
}

/** The history. */
export interface LoadHistory {
  readonly last: LoadRecord | undefined;
  add(record: LoadRecord): void;
  /** Means of records after that time, and of so many in any case; undefined without any. */
  meansSince(since: number, atLeast?: number): LoadMeans | undefined;
  /** The highest mean of `offered` over `windowMs` that ended after that time. */
  peakSince(since: number): number;
  /** Whether looks have come without a long gap since then. */
  covers(since: number): boolean;
}

const MAX_RECORDS = 3_700;
/** Looks further apart than this leave it open what was between them. */
const GAP_MS = 10_000;

/** An empty history; `windowMs` is the window of the means whose peak is asked for. */
export function createLoadHistory(windowMs: number): LoadHistory {
  const records: LoadRecord[] = [];
  const peaks: { readonly at: number; readonly offered: number }[] = [];
  let unbrokenSince = 0;
  const meansSince = (since: number, atLeast = 0): LoadMeans | undefined => {
    let demand = 0;
    let offered = 0;
    let excess = 0;
    let backlog = 0;
    let count = 0;
    for (let index = records.length - 1; index >= 0; index -= 1) {
      const record = records[index] as LoadRecord;
      if (record.at <= since && count >= atLeast) break;
      demand += record.demand;
      offered += record.offered;
      excess += record.excess;
      backlog += record.backlog;
      count += 1;
    }
    if (count === 0) return undefined;
    return {
      demand: demand / count,
      offered: offered / count,
      excess: excess / count,
      backlog: backlog / count,
      records: count,
    };
  };
  return {
    get last() {
      return records.at(-1);
    },
    add(record) {
      const before = records.at(-1);
      if (before === undefined || record.at - before.at > GAP_MS) unbrokenSince = record.at;
      records.push(record);
      if (records.length > MAX_RECORDS) records.shift();
      peaks.push({ at: record.at, offered: meansSince(record.at - windowMs)?.offered ?? 0 });
      if (peaks.length > MAX_RECORDS) peaks.shift();
    },
    meansSince,
    peakSince(since) {
      let peak = 0;
      for (let index = peaks.length - 1; index >= 0 && (peaks[index]?.at ?? 0) > since; index -= 1) {
        peak = Math.max(peak, peaks[index]?.offered ?? 0);
      }
      return peak;
    },
    covers: (since) => records.length > 0 && unbrokenSince <= since,
  };
}
