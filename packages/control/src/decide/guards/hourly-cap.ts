// So many actions an hour over the whole app, then a person is asked: whatever goes on then, more of the same is not the answer. Ejections do not count,
// and neither do starts in places that are empty.
import { composeText } from "../../texts/compose-text.ts";
import { OK, type DoneAction, type Situation, type Verdict } from "../situation.ts";

const HOUR_MS = 3_600_000;

/** The guard. */
export function hourlyCap({ rung, done, mostPerHour, now }: Situation): Verdict {
  if (!counts(rung)) return OK;
  const counted = done.filter((one) => counts(one.rung) && one.at > now - HOUR_MS);
  if (counted.length < mostPerHour) return OK;
  const reason = composeText("guard.cap", { most: mostPerHour });
  const oldest = counted.toSorted((a, b) => a.at - b.at)[counted.length - mostPerHour];
  return { kind: "advise", reason, ...(oldest === undefined ? {} : { until: oldest.at + HOUR_MS }) };
}

function counts(rung: DoneAction["rung"]): boolean {
  return rung !== "retry" && rung !== "eject" && rung !== "ask";
}
