// How fast the load went elsewhere: by what came to the fault proxies of the victim's service, which nobody who is judged counts.
import type { VictimRecord } from "./run-record.ts";

/** What had come to each instance (`language/1`) by a moment, since the run began. */
export interface ArrivalSample {
  /** Wall milliseconds. */
  readonly at: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** What to judge. */
export interface AwayQuestion {
  readonly samples: readonly ArrivalSample[];
  readonly victim: VictimRecord;
  readonly injectedAt: number;
  /** A window that reaches beyond it was not seen whole: the fault was taken back. */
  readonly until: number;
  readonly windowMs: number;
  /** Of the victim's share of before, so much (0 to 1) must be gone. */
  readonly awayShare: number;
}

/** One request of so many is neither here nor there. */
const ROUNDING = 1e-9;

/**
 * Milliseconds from the injection until that share of the victim's requests went elsewhere, for a whole window. Undefined: not within the run, or
 * nothing came before.
 */
export function judgeAway({ samples, victim, ...question }: AwayQuestion): number | undefined {
  const { injectedAt, until, windowMs, awayShare } = question;
  const [first] = samples;
  const before = samples.findLast(({ at }) => at <= injectedAt);
  if (first === undefined || before === undefined) return undefined;
  const usual = shareBetween(first, before, victim);
  if (usual === undefined || usual === 0) return undefined;
  for (const start of samples.filter(({ at }) => at >= injectedAt)) {
    const end = samples.find(({ at }) => at >= start.at + windowMs);
    if (end === undefined || end.at > until) return undefined;
    const share = shareBetween(start, end, victim);
    if (share !== undefined && share <= usual * (1 - awayShare) + ROUNDING) return start.at - injectedAt;
  }
  return undefined;
}

/** The victim's part of what came to its service between two moments; undefined: nothing came. */
function shareBetween(from: ArrivalSample, to: ArrivalSample, victim: VictimRecord): number | undefined {
  let own = 0;
  let all = 0;
  for (const [instance, count] of Object.entries(to.counts)) {
    const [service = "", ordinal = ""] = instance.split("/");
    if (service !== victim.service) continue;
    const came = count - (from.counts[instance] ?? 0);
    all += came;
    if (victim.ordinals === undefined || victim.ordinals.includes(Number(ordinal))) own += came;
  }
  return all === 0 ? undefined : own / all;
}
