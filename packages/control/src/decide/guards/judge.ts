// All guards in front of every rung. What makes a rung impossible comes first, then what people wish, then circumstances; the first that objects
// decides.
import { allowedByManifest } from "./allowed-by-manifest.ts";
import { canHelp } from "./can-help.ts";
import { cooledDown } from "./cooled-down.ts";
import { hourlyCap } from "./hourly-cap.ts";
import { leastHealthy } from "./least-healthy.ts";
import { noMassLoss } from "./no-mass-loss.ts";
import { notPaused } from "./not-paused.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { outsideMaintenance } from "./outside-maintenance.ts";
import { selfDoubt } from "./self-doubt.ts";
import { OK, type Guard, type Situation, type Verdict } from "../situation.ts";

const GUARDS: readonly Guard[] = [
  canHelp,
  allowedByManifest,
  noMassLoss,
  notPaused,
  outsideMaintenance,
  hourlyCap,
  selfDoubt,
  cooledDown,
  oneAtATime,
  leastHealthy,
];

/** Whether the rung may be taken. */
export function judge(situation: Situation): Verdict {
  for (const guard of GUARDS) {
    const verdict = guard(situation);
    if (verdict.kind !== "ok") return verdict;
  }
  return OK;
}
