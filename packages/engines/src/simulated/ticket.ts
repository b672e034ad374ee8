// One request on its way through the engine, between the steps that make its tokens and the reader that takes them.

import type { Sequence } from "@flyball/engine-model";

/** What one sequence will need in all, and what the engine may know of it. */
export interface SequenceSize {
  readonly promptTokens: number;
  /** At least 1. */
  readonly outputTokens: number;
  /** Lower first; used under the priority policy only. */
  readonly priority: number;
  /** Ids of the prompt's full blocks, each naming the prefix up to it. */
  readonly blocks: readonly number[];
}

/** A request in the engine. */
export interface Ticket {
  readonly size: SequenceSize;
  /** When the scheduler may see it, in the engine's time. */
  readonly dueMs: number;
  /** Undefined until the scheduler has seen it. */
  sequence: Sequence | undefined;
  generatedTokens: number;
  hasLeft: boolean;
  /** Ends the reader's wait. */
  wake: () => void;
}

/** Yields the number of each generated token, from 0. Calls `leave` when the reader stops or has them all. */
export async function* readTokens(ticket: Ticket, leave: () => void): AsyncGenerator<number, void, void> {
  try {
    for (let index = 0; index < ticket.size.outputTokens; index++) {
      if (ticket.generatedTokens <= index && !ticket.hasLeft) {
        await new Promise<void>((resolve) => (ticket.wake = resolve));
      }
      if (ticket.hasLeft) return;
      yield index;
    }
  } finally {
    leave();
  }
}
