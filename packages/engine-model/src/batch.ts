// A whole batching engine as a pure step machine: who reads, who decodes, who waits, who is pushed out, and how long each step
// takes. Whoever drives it brings the time: a simulation jumps from step to step, the simulated engine waits as long as each takes.
// A bench runs billions of tokens, so a step in which nobody comes, reads, ends or is pushed out costs the same for any number
// of sequences (see decode-set).

import { blocksFor, createBatchState, leavePlace } from "./batch-state.ts";
import type { BatchState } from "./batch-state.ts";
import { endStep } from "./end-step.ts";
import type { StepOutcome } from "./end-step.ts";
import type { EngineProfile } from "./engine-profile.ts";
import { createJitter } from "./jitter.ts";
import { planStep } from "./plan-step.ts";
import { createSequence } from "./sequence.ts";
import type { BatchSequence, Sequence, SequenceInput } from "./sequence.ts";
import { stepTimeMs } from "./step-time.ts";

/** Options of a batch. */
export interface BatchOptions {
  /** Who goes first and who is pushed out: by arrival, or by `priority` and then arrival. `fcfs` unless said. */
  readonly policy?: "fcfs" | "priority";
  /** A number in [0, 1) for the jitter; without it there is none. */
  readonly random?: () => number;
  /** Sequences that may wait beside those that have a place; 65,536 unless said. vLLM has no bound. */
  readonly maxWaiting?: number;
}

/** An engine. Call `beginStep` and `endStep` in turn; `add` and `remove` at any time between. */
export interface Batch {
  /**
   * Puts it in the engine's waiting queue; it starts at a coming `beginStep`. Undefined: refused, because places and queue are
   * full or because it would never fit into the memory.
   */
  add(input: SequenceInput): Sequence | undefined;
  /** It leaves at once, wherever it is; also in the middle of a step, which takes its time all the same. Idempotent. */
  remove(sequence: Sequence): void;
  /** Plans the next step and gives its duration in milliseconds. Undefined: there is nothing to do. */
  beginStep(): number | undefined;
  /**
   * The step is over: who got his first token and who ended, which may be the same. Every other decoding sequence gained a
   * token too, see `generated`. The arrays are reused: read them before the next call.
   */
  endStep(): { readonly first: readonly Sequence[]; readonly finished: readonly Sequence[] };
  /** Tokens generated so far, also after it has left. */
  generated(sequence: Sequence): number;
  /** Decoding sequences in the order of admission, for callers that deliver each token. Do not add or remove meanwhile. */
  decoding(): Iterable<Sequence>;
  /** Prompt tokens that a request with these blocks would not have to read now. */
  cachedPrefix(blocks: readonly number[], promptTokens: number): number;
  /** Sequences that have a place. */
  readonly running: number;
  readonly waiting: number;
  /** Key-value memory in use, whole blocks, shared ones once. Never above the capacity. */
  readonly kvTokens: number;
  /** Steps ended. */
  readonly steps: number;
  /** Times that a sequence was pushed out. */
  readonly preemptions: number;
  /** Prompt tokens of first admissions that were looked up in the prefix cache, and those found there. */
  readonly cacheQueries: number;
  readonly cacheHits: number;
}

const defaultMaxWaiting = 65_536;

/**
 * Creates an idle engine.
 *
 * ```ts
 * const batch = createBatch(ENGINE_PROFILES["8b-a100"]);
 * batch.add({ id: 1, promptTokens: 500, outputTokens: 2 });
 * for (let ms = batch.beginStep(); ms !== undefined; ms = batch.beginStep()) {
 *   now += ms;
 *   const { first, finished } = batch.endStep(); // after 36.5 ms the first token, after 10.6 more the end
 * }
 * ```
 */
export function createBatch(profile: EngineProfile, options: BatchOptions = {}): Batch {
  const byPriority = options.policy === "priority";
  const maxInEngine = profile.maxConcurrency + (options.maxWaiting ?? defaultMaxWaiting);
  const withJitter = createJitter(profile.jitter, options.random);
  const state = createBatchState(profile, byPriority);
  const { decodes, pool, running, waiting } = state;
  const outcome: StepOutcome = { first: [], finished: [] };
  let arrivals = 0;
  return {
    add(input) {
      const blocks = blocksFor(state, input.promptTokens + input.outputTokens - 1);
      if (running.size + waiting.size >= maxInEngine || blocks > pool.capacity) return undefined;
      const sequence = createSequence(input, arrivals++, byPriority);
      waiting.add(sequence);
      if (waiting.first() === sequence) state.isHeadBlocked = false;
      return sequence;
    },
    remove: (sequence) => remove(state, sequence as BatchSequence),
    beginStep: () =>
      running.size === 0 && waiting.size === 0 ? undefined : withJitter(stepTimeMs(profile, planStep(state))),
    endStep() {
      endStep(state, outcome);
      return outcome;
    },
    generated(handle) {
      const sequence = handle as BatchSequence;
      return sequence.state === "decoding" ? decodes.generated(sequence) : sequence.generatedTokens;
    },
    decoding: () => running.decoding(),
    cachedPrefix(blocks, promptTokens) {
      if (!profile.hasPrefixCache) return 0;
      const limit = Math.floor((promptTokens - 1) / profile.blockTokens);
      return pool.match(blocks, limit).matched * profile.blockTokens;
    },
    get running() {
      return running.size;
    },
    get waiting() {
      return waiting.size;
    },
    get kvTokens() {
      return pool.used * profile.blockTokens;
    },
    get steps() {
      return decodes.steps;
    },
    get preemptions() {
      return state.preemptions;
    },
    get cacheQueries() {
      return state.cacheQueries;
    },
    get cacheHits() {
      return state.cacheHits;
    },
  };
}

function remove(state: BatchState, sequence: BatchSequence): void {
  switch (sequence.state) {
    case "gone":
      return;
    case "waiting":
      state.waiting.remove(sequence);
      sequence.state = "gone";
      state.isHeadBlocked = false;
      return;
    case "reading":
    case "decoding":
      leavePlace(state, sequence, "gone");
      return;
    default:
      sequence.state satisfies never;
  }
}
