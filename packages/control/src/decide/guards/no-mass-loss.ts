// When more than half of what was there vanishes at once, it is rather the observer that is blind. Nothing is done but by people.
import { composeText } from "../../texts/compose-text.ts";
import { OK, type Situation, type Verdict } from "../situation.ts";

/** The guard. */
export function noMassLoss({ rung, isMassLoss }: Situation): Verdict {
  if (!isMassLoss || rung === "ask") return OK;
  return { kind: "advise", reason: composeText("guard.mass-loss") };
}
