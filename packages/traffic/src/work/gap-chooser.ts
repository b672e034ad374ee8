// Which looks at an endpoint's tokens teach what writing costs there. While a prompt is read a token waits for it, and such a gap is not the price
// of writing. Where prompts come all the time there is no other: of some looks in a row the one in which writing went best stands for all.
import type { WorkLearner } from "./work-learner.ts";

/** Tokens that came in one look, and what was going on meanwhile. */
export interface GapLook {
  /** Mean time between two tokens of one answer, ms. */
  readonly itlMs: number;
  /** Requests that were being answered, and the tokens in their contexts. */
  readonly running: number;
  readonly contextTokens: number;
  /** Some prompt was being read. */
  readonly isReading: boolean;
}

/** Teaches one learner. */
export interface GapChooser {
  add(look: GapLook): void;
}

/** Looks in a row during all of which some prompt was read: the best of so many is taken. Five seconds of them in the gateway. */
export const READING_LOOKS = 20;

/** Creates one that has seen nothing. */
export function createGapChooser(work: WorkLearner): GapChooser {
  let readingLooks = 0;
  let best: GapLook | undefined;
  /** Against what is expected there, so that looks at different loads can be compared. */
  const slownessOf = (look: GapLook | undefined): number =>
    look === undefined
      ? Number.POSITIVE_INFINITY
      : look.itlMs / Math.max(Number.MIN_VALUE, work.expectItlMs(look.running, look.contextTokens));
  return {
    add(look) {
      if (look.isReading) {
        readingLooks += 1;
        if (slownessOf(look) < slownessOf(best)) best = look;
        if (readingLooks < READING_LOOKS) return;
      }
      const chosen = look.isReading ? best : look;
      readingLooks = 0;
      best = undefined;
      if (chosen !== undefined) work.addTokenGap(chosen.running, chosen.contextTokens, chosen.itlMs);
    },
  };
}
