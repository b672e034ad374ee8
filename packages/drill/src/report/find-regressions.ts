// What became worse since the drills before. Times vary, so a time counts only when it is half as long again as is usual and the difference is
// more than the load can resolve.
import { quantileOf } from "../referee/quantile.ts";
import type { DrillSetting } from "./drill-report.ts";
import type { FaultSummary, TargetName } from "./summarise.ts";

/** A drill as it is kept: without its requests. */
export interface KeptDrill {
  readonly format: "flyball.drill/v1";
  readonly setting: DrillSetting;
  readonly summaries: readonly FaultSummary[];
}

/** What may become worse. */
export type WorseFigure = "detect" | "traffic" | "capacity" | "failed" | "lost" | "duplicated" | "falseActions";

/** One thing that became worse. */
export type Regression =
  | {
      readonly kind: "figure";
      readonly fault?: string;
      readonly figure: WorseFigure;
      readonly usual: number;
      readonly now: number;
    }
  /** A target that was kept in the drill before is missed now. */
  | { readonly kind: "target"; readonly fault?: string; readonly target: TargetName };

const TIMES = ["detect", "traffic", "capacity"] as const;
const COUNTS = ["failed", "lost", "duplicated"] as const;
const FACTOR = 1.5;
const RESOLUTION_PERIODS = 2;
/** So many drills before say what is usual. */
const USUAL_OF = 5;

/** Compares a drill with those before it, the newest of them first. Faults that were not measured in both say nothing. */
export function findRegressions(latest: KeptDrill, before: readonly KeptDrill[]): readonly Regression[] {
  const resolutionMs = 1_000 / latest.setting.perSecond;
  return latest.summaries.flatMap((summary) => {
    const { fault } = summary;
    const earlier = before
      .flatMap(({ summaries }) => summaries.filter((each) => each.fault === fault && each.measured > 0))
      .slice(0, USUAL_OF);
    const [last] = earlier;
    if (summary.measured === 0 || last === undefined) return [];
    const named = fault === undefined ? {} : { fault };
    const figure = (name: WorseFigure, usual: number, now: number): Regression => ({
      kind: "figure",
      ...named,
      figure: name,
      usual,
      now,
    });
    const times = TIMES.flatMap((name) => {
      const usual = quantileOf(
        earlier.flatMap((each) => each[name]?.p50 ?? []),
        0.5,
      );
      const now = summary[name]?.p50;
      const isWorse =
        usual !== undefined &&
        now !== undefined &&
        now > usual * FACTOR &&
        now - usual > resolutionMs * RESOLUTION_PERIODS;
      return isWorse ? [figure(name, usual, now)] : [];
    });
    const counts = COUNTS.flatMap((name) => {
      const usual = Math.max(...earlier.map((each) => each[name] / each.measured));
      const now = summary[name] / summary.measured;
      return now > usual ? [figure(name, usual, now)] : [];
    });
    const usualFalse = Math.max(...earlier.map((each) => each.falseActions.length));
    const nowFalse = summary.falseActions.length;
    const kept = new Set(last.targets.filter(({ isKept }) => isKept).map(({ target }) => target));
    const missed = summary.targets.filter(({ isKept, target }) => !isKept && kept.has(target));
    return [
      ...times,
      ...counts,
      ...(nowFalse > usualFalse ? [figure("falseActions", usualFalse, nowFalse)] : []),
      ...missed.map(({ target }) => ({ kind: "target" as const, ...named, target })),
    ];
  });
}
