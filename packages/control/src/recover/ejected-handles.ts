// Instances that control keeps out of the requests: an open incident says so, for the first half of the time that the rung has to help. In the second
// they get requests again, for only those can show that they work.
import type { ControlContext } from "../control-context.ts";
import { LADDERS, timeToHelpMs } from "../decide/ladder-table.ts";

/** Their handles. */
export function ejectedHandles({ incidents, clock }: ControlContext): ReadonlySet<string> {
  const now = clock.now();
  const handles = new Set<string>();
  for (const { subject, class: kind, actions, state } of incidents.open()) {
    const rung = LADDERS[kind].find((one) => one.rung === "eject");
    const taken = actions.findLast(({ action }) => action === "eject");
    if (subject.handle === undefined || rung === undefined || taken === undefined || state !== "open") continue;
    if (now < taken.at + timeToHelpMs(rung, 0) / 2) handles.add(subject.handle);
  }
  return handles;
}
