// `flyball pause`: people look at it. All but ejection is only advised.
import { composeText } from "../../texts/compose-text.ts";
import { OK, type Situation, type Verdict } from "../situation.ts";

/** The guard. */
export function notPaused({ rung, isPaused }: Situation): Verdict {
  if (!isPaused || rung === "eject" || rung === "retry" || rung === "ask") return OK;
  return { kind: "advise", reason: composeText("guard.paused", { rung: composeText(`rung.${rung}`) }) };
}
