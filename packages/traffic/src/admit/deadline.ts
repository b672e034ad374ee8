// A deadline on its way from hop to hop: an absolute time in a header, so that no hop has to know when the others began. Each hop keeps
// a little of it for itself: time for the answer's way back and for saying that it did not come.

/** What a hop keeps: a twentieth of what is left, between 5 and 100 ms, and never more than half. */
const KEPT_SHARE = 0.05;
const LEAST_KEPT_MS = 5;
const MOST_KEPT_MS = 100;

/** The clock's two readings of one moment. */
export interface Moment {
  /** Wall milliseconds. */
  readonly now: number;
  readonly monotonic: number;
}

/** Monotonic time of a header's absolute wall milliseconds; Infinity for none, and for what is no time. */
export function readDeadline(header: string | undefined, moment: Moment): number {
  if (header === undefined || !/^\d{1,15}$/.test(header)) return Number.POSITIVE_INFINITY;
  return moment.monotonic + (Number(header) - moment.now);
}

/** The deadline for the next hop (monotonic): shortened by what this one keeps; Infinity stays Infinity. */
export function shortenDeadline(deadlineAt: number, monotonic: number): number {
  const leftMs = deadlineAt - monotonic;
  if (leftMs <= 0 || leftMs === Number.POSITIVE_INFINITY) return deadlineAt;
  const keptMs = Math.min(MOST_KEPT_MS, Math.max(LEAST_KEPT_MS, leftMs * KEPT_SHARE));
  return deadlineAt - Math.min(keptMs, leftMs / 2);
}

/** The header for the next hop; undefined when there is no deadline. */
export function writeDeadline(deadlineAt: number, moment: Moment): string | undefined {
  const shortened = shortenDeadline(deadlineAt, moment.monotonic);
  if (shortened === Number.POSITIVE_INFINITY) return undefined;
  return String(Math.max(0, Math.floor(moment.now + shortened - moment.monotonic)));
}
