// `--shadow`: automatic actions are paused while a fault is watched, and go on in between, so that the app is well again before the next run.
import type { ControlClient } from "@flyball/client";
import type { RefereeWord } from "@flyball/drill";

/** Pauses and resumes along the words of the referee. */
export interface Shadow {
  onWord(word: RefereeWord): void;
  /** Resolves when what was paused goes on again. */
  end(): Promise<void>;
}

/** Longer than any run; a drill that was killed leaves an app that runs paused for no longer. */
const LONGEST_MS = 15 * 60_000;

/** An app that a person has paused already stays as it is. */
export function createShadow(control: Pick<ControlClient, "pause" | "resume">, isPausedBefore: boolean): Shadow {
  let isPaused = false;
  let last = Promise.resolve();
  /** One after the other; an app that is gone needs neither. */
  const follow = (call: () => Promise<unknown>): void => {
    last = last.then(call).then(
      () => undefined,
      () => undefined,
    );
  };
  const resume = (): void => {
    if (!isPaused) return;
    isPaused = false;
    follow(() => control.resume({}));
  };
  return {
    onWord(word) {
      if (isPausedBefore) return;
      if (word.word === "phase" && word.phase === "load") {
        isPaused = true;
        follow(() => control.pause({ reason: "drill --shadow", forMs: LONGEST_MS }));
      }
      if (word.word === "run" || (word.word === "phase" && word.phase === "undone")) resume();
    },
    end() {
      resume();
      return last;
    },
  };
}
