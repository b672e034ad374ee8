// What a step has brought: every decoding sequence a token, those that have now read everything too, and some have ended.

import { leavePlace } from "./batch-state.ts";
import type { BatchState } from "./batch-state.ts";
import type { BatchSequence } from "./sequence.ts";

/** Who got his first token in a step and who ended, in the order in which they got their places. */
export interface StepOutcome {
  readonly first: BatchSequence[];
  readonly finished: BatchSequence[];
}

/** Ends the step under way and notes what it brought in `outcome`. */
export function endStep(state: BatchState, outcome: StepOutcome): void {
  const { decodes, readers } = state;
  // Emptying an array costs more than the rest of a step in which nothing happens.
  if (outcome.first.length > 0) outcome.first.length = 0;
  if (outcome.finished.length > 0) outcome.finished.length = 0;
  state.isInStep = false;
  decodes.advance();
  for (let next = decodes.complete(); next !== undefined; next = decodes.complete()) finish(state, next, outcome);
  for (const sequence of readers) if (sequence.state === "reading") endReading(state, sequence, outcome);
}

function endReading(state: BatchState, sequence: BatchSequence, outcome: StepOutcome): void {
  const isComplete = sequence.readTokens === sequence.promptTokens + sequence.generatedTokens;
  state.halfRead = isComplete ? undefined : sequence;
  if (!isComplete) return;
  sequence.generatedTokens += 1;
  if (sequence.generatedTokens === 1) outcome.first.push(sequence);
  if (sequence.generatedTokens >= sequence.outputTokens) {
    finish(state, sequence, outcome);
    return;
  }
  sequence.state = "decoding";
  state.decodes.start(sequence);
}

function finish(state: BatchState, sequence: BatchSequence, outcome: StepOutcome): void {
  leavePlace(state, sequence, "gone");
  outcome.finished.push(sequence);
}
