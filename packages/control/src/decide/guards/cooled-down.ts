// The same is not done again to the same place soon after: what did not help a minute ago does not help now, whatever the incident is called. The
// restart of an instance that serves nobody has the back-off of restarts for that: a longer pause would only keep its place empty.
import type { Rung } from "@flyball/core";
import { composeText } from "../../texts/compose-text.ts";
import { OK, type Situation, type Verdict } from "../situation.ts";

/** Least time between two of a kind at one place (of one service, where a rung is about all of it), in milliseconds. */
export const COOL_DOWN_MS: Readonly<Record<Rung, number>> = {
  retry: 0,
  eject: 10_000,
  restart: 60_000,
  replace: 120_000,
  move: 300_000,
  scale: 120_000,
  "roll-back": 600_000,
  ask: 0,
};

/** The guard. */
export function cooledDown(situation: Situation): Verdict {
  const { rung, service, ordinal, done, now, isRepeat, isVictimUnhealthy } = situation;
  if (isRepeat === true || (rung === "restart" && isVictimUnhealthy)) return OK;
  const last = Math.max(
    -Infinity,
    ...done
      .filter((one) => one.rung === rung && one.service === service && one.ordinal === ordinal)
      .map(({ at }) => at),
  );
  const until = last + COOL_DOWN_MS[rung];
  if (now >= until) return OK;
  return { kind: "wait", until, reason: composeText("guard.cool-down", { rung: composeText(`rung.${rung}`) }) };
}
