// Whether a rung can help at all here. Data that has one place is never killed, doubled or moved by the loop alone: a stateful service is only started
// again after it exited. Jobs are never started by it: that is their own restart policy.
import type { ComposedText } from "@flyball/core";
import { composeText } from "../../texts/compose-text.ts";
import { OK, type Situation, type Verdict } from "../situation.ts";

/** The guard. */
export function canHelp(situation: Situation): Verdict {
  const reason = whyNot(situation);
  return reason === undefined ? OK : { kind: "impossible", reason };
}

function whyNot(situation: Situation): ComposedText | undefined {
  const { rung, service, kind, ordinal, hasVictim } = situation;
  if (rung === "ask" || rung === "retry") return undefined;
  if (kind === "external" || kind === "unknown") return composeText("guard.not-ours", { service });
  if (kind === "job") return composeText("guard.job");
  if (kind === "stateful" && rung !== "eject" && rung !== "roll-back") return composeText("action.stateful");
  switch (rung) {
    case "eject":
    case "restart":
    case "replace":
      if (ordinal === undefined) return composeText("guard.whole-service");
      return hasVictim ? undefined : composeText("guard.no-victim");
    case "move":
      return situation.canMove ? undefined : composeText("guard.nowhere");
    case "scale":
      return situation.canScale ? undefined : composeText("guard.no-more");
    case "roll-back":
      return situation.rollBackTo === undefined ? composeText("guard.no-revision") : undefined;
  }
}
