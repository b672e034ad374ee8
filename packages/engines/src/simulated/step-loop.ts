// The engine's heart: takes sequences or refuses them, gives each reader its tokens and tells the load. Who waits, who is
// pushed out and how long a step takes is the batch's; a simulation drives the very same one.

import { createBatch } from "@flyball/engine-model";
import type { EngineProfile } from "@flyball/engine-model";
import type { EngineClock } from "../openai/engine-clock.ts";
import type { EngineLoad } from "../openai/engine.ts";
import { createStepRunner } from "./step-runner.ts";
import { readTokens } from "./ticket.ts";
import type { SequenceSize, Ticket } from "./ticket.ts";

/** Runs sequences together, step by step. */
export interface StepLoop {
  /**
   * Yields the number of each generated token, from 0. Undefined when places and waiting queue are full: the newcomer is
   * refused. The sequence leaves at once when the signal aborts or the reader stops.
   */
  submit(size: SequenceSize, signal: AbortSignal): AsyncIterable<number> | undefined;
  load(): EngineLoad;
  /** Steps ended. */
  steps(): number;
}

/** Options of a step loop. */
export interface StepLoopOptions {
  readonly profile: EngineProfile;
  readonly policy: "fcfs" | "priority";
  /** Sequences that may wait. */
  readonly maxWaiting: number;
  readonly clock: EngineClock;
  /** Milliseconds of the engine in a millisecond of the clock. */
  readonly speed: number;
  /** For the jitter. */
  readonly random: () => number;
}

/** Creates an idle loop. */
export function createStepLoop(options: StepLoopOptions): StepLoop {
  const { profile, maxWaiting } = options;
  const batch = createBatch(profile, options);
  const runner = createStepRunner({ batch, clock: options.clock, speed: options.speed });
  const blocks = Math.floor(profile.kvCapacityTokens / profile.blockTokens);
  return {
    submit(size, signal) {
      const inEngine = batch.running + batch.waiting + runner.arriving(false);
      if (inEngine >= profile.maxConcurrency + maxWaiting) return undefined;
      const ticket: Ticket = {
        size,
        dueMs: runner.now() + profile.requestOverheadMs,
        sequence: undefined,
        generatedTokens: 0,
        hasLeft: false,
        wake: () => {},
      };
      runner.arrive(ticket);
      const leave = (): void => runner.leave(ticket);
      signal.addEventListener("abort", leave, { once: true });
      if (signal.aborted) leave();
      return readTokens(ticket, () => {
        signal.removeEventListener("abort", leave);
        leave();
      });
    },
    load: () => ({
      running: batch.running,
      waiting: batch.waiting + runner.arriving(true),
      kvUsage: batch.kvTokens / (blocks * profile.blockTokens),
      memory: {
        preemptions: batch.preemptions,
        cacheQueries: batch.cacheQueries,
        cacheHits: batch.cacheHits,
        blocks,
        blockTokens: profile.blockTokens,
        hasPrefixCache: profile.hasPrefixCache,
      },
    }),
    steps: () => batch.steps,
  };
}
