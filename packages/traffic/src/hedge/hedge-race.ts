// Two attempts of one call: which one the client hears, and what becomes of the other. The first content wins and the other attempt is
// cancelled at that moment, so that its endpoint stops working on it. One that fails leaves the call to the other.
import { assertNever } from "@flyball/core";

/** 0 is the first attempt, 1 the hedge. */
export type Racer = 0 | 1;

/** What is known of a race. */
export type HedgeRace =
  | { readonly kind: "both" }
  /** The other one failed. */
  | { readonly kind: "one-left"; readonly racer: Racer }
  | { readonly kind: "won"; readonly racer: Racer }
  | { readonly kind: "lost" };

/** What to do after an event. */
export type RaceAction =
  /** This one has the call; the other is to be cancelled if it runs. */
  | "commit-and-cancel-other"
  | "wait-for-other"
  /** Both have failed: the call goes on as after any failed attempt. */
  | "fail"
  /** It comes from the loser, or after the end. */
  | "ignore";

/** A race of two running attempts. */
export const RACE_OF_TWO: HedgeRace = { kind: "both" };

/** The race after an attempt brought its first content or failed. */
export function afterRaceEvent(
  race: HedgeRace,
  racer: Racer,
  event: "content" | "failed",
): { readonly race: HedgeRace; readonly action: RaceAction } {
  switch (race.kind) {
    case "both":
      if (event === "content") return { race: { kind: "won", racer }, action: "commit-and-cancel-other" };
      return { race: { kind: "one-left", racer: racer === 0 ? 1 : 0 }, action: "wait-for-other" };
    case "one-left":
      if (racer !== race.racer) return { race, action: "ignore" };
      if (event === "content") return { race: { kind: "won", racer }, action: "commit-and-cancel-other" };
      return { race: { kind: "lost" }, action: "fail" };
    case "won":
    case "lost":
      return { race, action: "ignore" };
    default:
      return assertNever(race);
  }
}
