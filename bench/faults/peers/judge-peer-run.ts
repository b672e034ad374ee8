// What a fault cost the clients, from their requests alone.
import { percentile } from "../../support/report.ts";
import { CLIENT_LIMIT_MS, type LoadRecord } from "./load-record.ts";

/** Five times what an answer takes: later ones are bad, though none of them is lost. */
export const LATE_MS = 250;
/** So long the requests have to be well for them to count as well again. */
export const GOOD_WINDOW_MS = 3_000;
const BAD_SHARE = 0.01;
const SECOND_MS = 1_000;

/** One run. */
export interface PeerRun {
  readonly records: readonly LoadRecord[];
  readonly faultAt: number;
  /** The clients' last request. */
  readonly endAt: number;
  /** What the victim answers. */
  readonly victim: string;
}

/** Figures of a run. Times in ms from the fault; null: not within the run. */
export interface PeerFigures {
  /** Requests that were due since the fault. */
  readonly requests: number;
  readonly failed: number;
  /** Answered well, but late. */
  readonly late: number;
  /** The beginning of the first three seconds in which at most one in a hundred was lost or late. */
  readonly trafficMs: number | null;
  /** The first good answer of the second replica other than the victim, where two of them went on to answer in each of three seconds. */
  readonly capacityMs: number | null;
  readonly p99Ms: number;
  /** Requests that were bad before the fault, which should be none. */
  readonly badBefore: number;
}

/** Judges a run. */
export function judgePeerRun({ records, faultAt, endAt, victim }: PeerRun): PeerFigures {
  const ordered = records.toSorted((a, b) => a.dueAt - b.dueAt);
  const since = ordered.filter(({ dueAt }) => dueAt >= faultAt && dueAt < endAt);
  const bad = ordered.filter((record) => !isGood(record));
  return {
    requests: since.length,
    failed: since.filter(({ outcome }) => outcome !== "200").length,
    late: since.filter((record) => record.outcome === "200" && !isGood(record)).length,
    trafficMs: whenTrafficIsWell(since, faultAt, endAt),
    capacityMs: whenTwoServe(since, { faultAt, endAt, victim }),
    p99Ms: percentile(
      since.map(({ outcome, tookMs }) => (outcome === "TIMEOUT" ? CLIENT_LIMIT_MS : tookMs)),
      0.99,
    ),
    badBefore: bad.filter(({ dueAt, tookMs }) => dueAt + tookMs < faultAt).length,
  };
}

function isGood({ outcome, tookMs }: LoadRecord): boolean {
  return outcome === "200" && tookMs <= LATE_MS;
}

function whenTrafficIsWell(since: readonly LoadRecord[], faultAt: number, endAt: number): number | null {
  const candidates = [faultAt, ...since.filter((record) => !isGood(record)).map(({ dueAt }) => dueAt + 1)];
  for (const from of candidates) {
    if (from + GOOD_WINDOW_MS > endAt) return null;
    const window = since.filter(({ dueAt }) => dueAt >= from && dueAt < from + GOOD_WINDOW_MS);
    if (window.filter((record) => !isGood(record)).length <= window.length * BAD_SHARE) return from - faultAt;
  }
  return null;
}

function whenTwoServe(
  since: readonly LoadRecord[],
  { faultAt, endAt, victim }: Omit<PeerRun, "records">,
): number | null {
  const answers = since
    .filter((record) => isGood(record) && record.by !== victim)
    .map(({ dueAt, tookMs, by }) => ({ at: dueAt + tookMs, by }))
    .toSorted((a, b) => a.at - b.at);
  const areTwoIn = (from: number): boolean =>
    new Set(answers.filter(({ at }) => at >= from && at < from + SECOND_MS).map(({ by }) => by)).size >= 2;
  const seen = new Set<string>();
  for (const { at, by } of answers) {
    seen.add(by);
    if (at + GOOD_WINDOW_MS > endAt) return null;
    // The second of them has answered, and both go on.
    if (seen.size >= 2 && [0, 1, 2].every((second) => areTwoIn(at + second * SECOND_MS))) return at - faultAt;
  }
  return null;
}
