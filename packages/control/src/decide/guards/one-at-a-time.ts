// One destructive action of a service at a time: two detectors that see the same fault, or a cause that is in none of the instances, must not take one
// after the other.
import { composeText } from "../../texts/compose-text.ts";
import { isDestructive, OK, type Situation, type Verdict } from "../situation.ts";

/** The guard. */
export function oneAtATime({ rung, service, isActionUnderWay }: Situation): Verdict {
  if (!isActionUnderWay || !isDestructive(rung)) return OK;
  return { kind: "wait", reason: composeText("guard.under-way", { service }) };
}
