// When clients were served well again. Well: every request is served, none takes far longer than before, and the usual slow one (p95) stays in
// the band of before, for a whole window. Counted from the last good request before the first bad one, so the figure is never too short.
import { quantileOf } from "./quantile.ts";
import { isServed, latencyOf, type RequestRecord } from "./request-record.ts";

/** What is still good, from what was usual before the fault. */
export interface TrafficBand {
  /** One request that takes longer is a bad one. */
  readonly slowMs: number;
  /** 95 of 100 requests of a good window take no longer. */
  readonly p95Ms: number;
}

/** What clients met. */
export interface TrafficVerdict {
  readonly band: TrafficBand;
  readonly lastGoodAt: number;
  /** Absent: none was bad. */
  readonly firstBadAt?: number;
  /** From here on all was good for a window; absent: not within the run. */
  readonly goodFrom?: number;
  /** Between the two; 0 when nothing was ever bad, absent while it lasts. */
  readonly frtMs?: number;
}

/** What to judge. */
export interface TrafficQuestion {
  readonly requests: readonly RequestRecord[];
  readonly loadFrom: number;
  readonly injectedAt: number;
  /** Good windows are looked for from here on; the injection unless given. */
  readonly from?: number;
  readonly goodWindowMs: number;
  /** The load ended here; a window that reaches beyond it was not seen whole. */
  readonly loadUntil: number;
}

/** Far beyond what a loaded machine does to one request; both parts matter, since p95 may be a millisecond or a second. */
const SLOW_FACTOR = 4;
const SLOW_MARGIN_MS = 500;
const BAND_FACTOR = 1.5;
const BAND_MARGIN_MS = 100;

/** The band of requests that ended before the injection. */
export function bandOf(before: readonly RequestRecord[]): TrafficBand {
  const p95 = quantileOf(before.filter(isServed).map(latencyOf), 0.95) ?? 0;
  return {
    slowMs: Math.max(p95 * SLOW_FACTOR, p95 + SLOW_MARGIN_MS),
    p95Ms: Math.max(p95 * BAND_FACTOR, p95 + BAND_MARGIN_MS),
  };
}

/** Judges the traffic of a run. */
export function judgeTraffic(question: TrafficQuestion): TrafficVerdict {
  const { requests, injectedAt, goodWindowMs, loadUntil } = question;
  const sorted = requests.toSorted((a, b) => a.sentAt - b.sentAt);
  const band = bandOf(sorted.filter(({ endedAt }) => endedAt <= injectedAt));
  const isBad = (record: RequestRecord): boolean =>
    record.endedAt > injectedAt && (!isServed(record) || latencyOf(record) > band.slowMs);
  const goodFrom = findGoodWindow(sorted, {
    from: question.from ?? injectedAt,
    goodWindowMs,
    loadUntil,
    isBad,
    p95Ms: band.p95Ms,
  });
  // What is bad after the good window has another cause: the end of the fault.
  const firstBadAt = sorted.find((record) => isBad(record) && record.sentAt < (goodFrom ?? Infinity))?.sentAt;
  const goodBefore = sorted.filter((record) => !isBad(record) && record.sentAt < (firstBadAt ?? injectedAt));
  const lastGoodAt = goodBefore.at(-1)?.sentAt ?? question.loadFrom;
  const isUntouched = firstBadAt === undefined && goodFrom === injectedAt;
  return {
    band,
    lastGoodAt,
    ...(firstBadAt === undefined ? {} : { firstBadAt }),
    ...(goodFrom === undefined ? {} : { goodFrom, frtMs: isUntouched ? 0 : goodFrom - lastGoodAt }),
  };
}

function findGoodWindow(
  sorted: readonly RequestRecord[],
  options: {
    readonly from: number;
    readonly goodWindowMs: number;
    readonly loadUntil: number;
    readonly isBad: (record: RequestRecord) => boolean;
    readonly p95Ms: number;
  },
): number | undefined {
  const { from, goodWindowMs, loadUntil, isBad, p95Ms } = options;
  const later = sorted.filter(({ sentAt }) => sentAt >= from);
  const starts = [from, ...later.map(({ sentAt }) => sentAt)];
  for (let place = 0; place < starts.length; place += 1) {
    const start = starts[place] ?? from;
    if (start + goodWindowMs > loadUntil) return undefined;
    const inWindow = later.filter(({ sentAt }) => sentAt >= start && sentAt < start + goodWindowMs);
    const lastBad = inWindow.findLast(isBad);
    if (lastBad !== undefined) {
      // No window that holds this one is good.
      while ((starts[place + 1] ?? Infinity) <= lastBad.sentAt) place += 1;
      continue;
    }
    if ((quantileOf(inWindow.map(latencyOf), 0.95) ?? 0) <= p95Ms) return start;
  }
  return undefined;
}
