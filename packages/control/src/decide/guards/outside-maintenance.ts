// A maintenance window: people work on the app, and what looks like a fault is theirs. All but ejection is only advised.
import { composeText } from "../../texts/compose-text.ts";
import { OK, type Situation, type Verdict } from "../situation.ts";

/** The guard. */
export function outsideMaintenance({ rung, windowEndsAt }: Situation): Verdict {
  if (windowEndsAt === undefined || rung === "eject" || rung === "retry" || rung === "ask") return OK;
  const reason = composeText("guard.maintenance", { rung: composeText(`rung.${rung}`) });
  return { kind: "advise", reason, until: windowEndsAt };
}
