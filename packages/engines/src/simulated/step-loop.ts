// The engine's heart: it runs a step, waits as long as the step would take, hands out the tokens, and goes on while there
// is work. Sequences beyond the concurrency or the key-value memory wait in arrival order in a bounded queue.

import { stepTimeMs } from "@flyball/engine-model";
import type { EngineProfile } from "@flyball/engine-model";
import type { EngineClock } from "../openai/engine-clock.ts";
import type { EngineLoad } from "../openai/engine.ts";
import { planStep } from "./plan-step.ts";
import type { StepPlan } from "./plan-step.ts";

/** What one sequence will need in all. */
export interface SequenceSize {
  readonly promptTokens: number;
  /** At least 1. */
  readonly outputTokens: number;
}

/** Runs sequences together, step by step. */
export interface StepLoop {
  /**
   * Yields the number of each generated token, from 0. Undefined when the waiting queue is full: the newcomer is refused.
   * The sequence leaves at once when the signal aborts or the reader stops.
   */
  submit(size: SequenceSize, signal: AbortSignal): AsyncIterable<number> | undefined;
  load(): EngineLoad;
}

/** Options of a step loop. */
export interface StepLoopOptions {
  readonly profile: EngineProfile;
  /** Sequences that may wait. */
  readonly maxWaiting: number;
  readonly clock: EngineClock;
}

interface Sequence extends SequenceSize {
  prefilledTokens: number;
  generatedTokens: number;
  hasLeft: boolean;
  /** Ends the reader's wait. */
  wake: () => void;
}

/** How far a late timer may be made up for in later steps, in milliseconds. */
const maxCatchUpMs = 50;

/** Creates an idle loop. It holds a timer only while sequences run. */
export function createStepLoop({ profile, maxWaiting, clock }: StepLoopOptions): StepLoop {
  let running: readonly Sequence[] = [];
  let waiting: readonly Sequence[] = [];
  let cancelStep: (() => void) | undefined;
  let stepEndMs = 0;

  const fits = (size: SequenceSize): boolean =>
    running.length < profile.maxConcurrency &&
    reservedTokens(running) + reservedTokens([size]) <= profile.kvCapacityTokens;

  const beginStep = (): void => {
    for (let next = waiting[0]; next !== undefined && fits(next); next = waiting[0]) {
      running = [...running, next];
      waiting = waiting.slice(1);
    }
    if (running.length === 0) return;
    const members = running;
    const plan = planStep(members, profile.maxTokensPerStep);
    const nowMs = clock.monotonic();
    stepEndMs = Math.max(stepEndMs, nowMs - maxCatchUpMs) + stepTimeMs(profile, plan.work);
    cancelStep = clock.after(Math.max(0, stepEndMs - nowMs), () => {
      cancelStep = undefined;
      applyStep(members, plan);
      running = running.filter(({ generatedTokens, outputTokens }) => generatedTokens < outputTokens);
      beginStep();
    });
  };
  const beginFromIdle = (): void => {
    stepEndMs = clock.monotonic();
    beginStep();
  };
  const leave = (sequence: Sequence): void => {
    if (sequence.hasLeft) return;
    sequence.hasLeft = true;
    running = running.filter((other) => other !== sequence);
    waiting = waiting.filter((other) => other !== sequence);
    sequence.wake();
    if (running.length > 0 || cancelStep === undefined) return;
    cancelStep();
    cancelStep = undefined;
    beginFromIdle();
  };
  return {
    submit(size, signal) {
      const sequence: Sequence = {
        ...size,
        prefilledTokens: 0,
        generatedTokens: 0,
        hasLeft: false,
        wake: () => {},
      };
      if (waiting.length === 0 && fits(size)) running = [...running, sequence];
      else if (waiting.length < maxWaiting) waiting = [...waiting, sequence];
      else return undefined;
      if (cancelStep === undefined) beginFromIdle();
      const leaveNow = (): void => leave(sequence);
      signal.addEventListener("abort", leaveNow, { once: true });
      if (signal.aborted) leaveNow();
      return readTokens(sequence, () => {
        signal.removeEventListener("abort", leaveNow);
        leaveNow();
      });
    },
    load: () => ({
      running: running.length,
      waiting: waiting.length,
      kvUsage: heldTokens(running) / profile.kvCapacityTokens,
    }),
  };
}

function applyStep(members: readonly Sequence[], plan: StepPlan): void {
  for (const [index, sequence] of members.entries()) {
    const share = plan.shares[index];
    if (share === undefined) continue;
    sequence.prefilledTokens += share.prefillTokens;
    if (!share.gainsToken) continue;
    sequence.generatedTokens += 1;
    sequence.wake();
  }
}

async function* readTokens(sequence: Sequence, leave: () => void): AsyncGenerator<number, void, void> {
  try {
    for (let index = 0; index < sequence.outputTokens; index++) {
      if (sequence.generatedTokens <= index && !sequence.hasLeft) {
        await new Promise<void>((resolve) => (sequence.wake = resolve));
      }
      if (sequence.hasLeft) return;
      yield index;
    }
  } finally {
    leave();
  }
}

function reservedTokens(sequences: readonly SequenceSize[]): number {
  return sequences.reduce((sum, { promptTokens, outputTokens }) => sum + promptTokens + outputTokens, 0);
}

function heldTokens(sequences: readonly Sequence[]): number {
  return sequences.reduce((sum, { prefilledTokens, generatedTokens }) => sum + prefilledTokens + generatedTokens, 0);
}
