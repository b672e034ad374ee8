// Instances that control keeps out of the requests: an open incident says so, for as long as the rung has to help. Then they get requests again: only
// those can show that they work, and what follows is the next rung.
import type { ControlContext } from "../control-context.ts";
import { LADDERS, timeToHelpMs } from "../decide/ladder-table.ts";

/** Their handles. */
export function ejectedHandles({ incidents, clock }: ControlContext): ReadonlySet<string> {
  const now = clock.now();
  const handles = new Set<string>();
  for (const { subject, class: kind, actions, state } of incidents.open()) {
    const rung = LADDERS[kind].find((one) => one.rung === "eject");
    const taken = actions.findLast((action) => action.rung === "eject" && action.isAdvice !== true);
    if (subject.handle === undefined || rung === undefined || taken === undefined || state !== "open") continue;
    if (now < taken.at + timeToHelpMs(rung, 0)) handles.add(subject.handle);
  }
  return handles;
}
