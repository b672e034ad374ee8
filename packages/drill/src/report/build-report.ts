// Puts runs, verdicts and sums together.
import type { FaultDefinition } from "../fault.ts";
import { judgeRun } from "../referee/judge-run.ts";
import type { RunRecord } from "../referee/run-record.ts";
import type { DrillReport, DrillSetting } from "./drill-report.ts";
import { summarise } from "./summarise.ts";

/** Judges runs and sums them by fault. */
export function buildReport(
  setting: DrillSetting,
  faults: readonly FaultDefinition[],
  runs: readonly RunRecord[],
): DrillReport {
  const byId = new Map(faults.map((fault) => [fault.id, fault]));
  const judged = runs.map((run) => ({
    run,
    verdict: judgeRun(run, run.fault === undefined ? undefined : byId.get(run.fault)),
  }));
  return {
    format: "flyball.drill/v1",
    setting,
    faults,
    runs: judged,
    summaries: [
      ...faults.map((fault) =>
        summarise(
          fault,
          judged.filter(({ run }) => run.fault === fault.id),
          setting.isShadow,
        ),
      ),
      summarise(
        undefined,
        judged.filter(({ run }) => run.fault === undefined),
        setting.isShadow,
      ),
    ],
  };
}

/** 3: not well before anything was done. 1: a target was missed, or nothing could be measured. 0: all is kept. */
export function exitCodeOf({ summaries }: DrillReport): 0 | 1 | 3 {
  const faulty = summaries.filter(({ fault }) => fault !== undefined);
  if (summaries.some(({ unhealthy }) => unhealthy > 0)) return 3;
  const isMissed = summaries.some(({ targets }) => targets.some(({ isKept }) => !isKept));
  const isMeasured = faulty.every(({ measured, skipped, runs }) => measured > 0 || skipped === runs);
  return isMissed || !isMeasured || faulty.every(({ measured }) => measured === 0) ? 1 : 0;
}
