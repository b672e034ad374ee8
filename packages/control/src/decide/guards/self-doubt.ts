// A loop that was late itself sees lateness everywhere, so it has no vote for a while.
import { composeText } from "../../texts/compose-text.ts";
import { OK, type Situation, type Verdict } from "../situation.ts";

/** The guard. */
export function selfDoubt({ rung, doubtUntil, now }: Situation): Verdict {
  if (rung === "ask" || doubtUntil === undefined || now >= doubtUntil) return OK;
  return { kind: "wait", until: doubtUntil, reason: composeText("guard.self-doubt") };
}
