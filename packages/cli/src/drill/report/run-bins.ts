// The requests of one run by the half second in which they were sent.
import { isServed, type JudgedRun } from "@flyball/drill";

/** Seconds. */
export const BIN_SECONDS = 0.5;

/** One half second; `from` is in seconds from the injection. */
export interface RunBin {
  readonly from: number;
  /** In the time that was usual before. */
  readonly served: number;
  readonly late: number;
  readonly bad: number;
  readonly slowestMs: number;
}

/** All of them from the first request to the last, in their order; also those in which nothing was sent. */
export function runBins({ run, verdict }: JudgedRun): readonly RunBin[] {
  const slowMs = verdict.traffic?.band.slowMs ?? Infinity;
  const { injectedAt = run.loadFrom, requests } = run;
  const places = requests.map(({ sentAt }) => Math.floor((sentAt - injectedAt) / 1_000 / BIN_SECONDS));
  const first = places.reduce((least, place) => Math.min(least, place), Infinity);
  const last = places.reduce((greatest, place) => Math.max(greatest, place), -Infinity);
  if (first > last) return [];
  const bins = Array.from({ length: last - first + 1 }, (_, index) => ({
    from: (first + index) * BIN_SECONDS,
    served: 0,
    late: 0,
    bad: 0,
    slowestMs: 0,
  }));
  for (const [index, record] of requests.entries()) {
    const bin = bins[(places[index] ?? first) - first];
    if (bin === undefined) continue;
    const tookMs = record.endedAt - record.sentAt;
    if (!isServed(record)) bin.bad += 1;
    else if (tookMs > slowMs) bin.late += 1;
    else bin.served += 1;
    bin.slowestMs = Math.max(bin.slowestMs, tookMs);
  }
  return bins;
}
