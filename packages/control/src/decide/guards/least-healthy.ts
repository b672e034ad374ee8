// Never below N − 1 serving of N, nor below one, unless the victim serves nobody anyway. A replacement that starts first takes nothing away. When all
// fail, each still serves rather than nobody: then only what serves nobody is touched.
import { composeText } from "../../texts/compose-text.ts";
import { OK, type Situation, type Verdict } from "../situation.ts";

/** The guard. */
export function leastHealthy(situation: Situation): Verdict {
  const { rung, replicas, serving, isVictimServing, isStopFirst } = situation;
  const takesAway = rung === "eject" || rung === "restart" || ((rung === "replace" || rung === "move") && isStopFirst);
  if (!takesAway || !isVictimServing) return OK;
  const least = Math.max(1, replicas - 1);
  if (serving - 1 >= least) return OK;
  const reason = composeText("guard.least-healthy", { serving, replicas, least });
  // The only one: no circumstance changes that.
  return replicas <= 1 ? { kind: "impossible", reason } : { kind: "wait", reason };
}
