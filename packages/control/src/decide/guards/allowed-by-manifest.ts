// What the manifest does not allow without asking is advised.
import { composeText } from "../../texts/compose-text.ts";
import { OK, type Situation, type Verdict } from "../situation.ts";

/** The guard. */
export function allowedByManifest({ rung, allowed, service }: Situation): Verdict {
  if (rung === "retry" || rung === "ask" || allowed.has(rung)) return OK;
  return {
    kind: "forbidden",
    reason: composeText("guard.not-allowed", { service, rung: composeText(`rung.${rung}`) }),
  };
}
