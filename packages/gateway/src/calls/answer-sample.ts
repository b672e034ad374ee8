// The bytes of some answers, kept until they have ended, so that somebody may look at what they say. Bounded: ten begin in a second, sixty-four are kept
// at once in a worker, an answer above 64 KiB is not looked at.
import type { Clock } from "@flyball/core";
import { createLessonBudget } from "../learn/lesson-budget.ts";

/** Answers a second that are looked at; it takes half a millisecond each. */
const SAMPLES_A_SECOND = 10;
const MOST_SAMPLES = 64;
const MOST_BYTES = 64 * 1024;

/** One answer on its way. */
export class AnswerSample {
  readonly #free: Buffer[];
  #bytes: Buffer | undefined;
  #length = 0;

  constructor(free: Buffer[], bytes: Buffer) {
    this.#free = free;
    this.#bytes = bytes;
  }

  /** A piece came. Copied, for a kept piece would keep the pieces of others that were read with it. */
  add(piece: Buffer): void {
    if (this.#bytes === undefined) return;
    if (this.#length + piece.length > MOST_BYTES) this.drop();
    else this.#length += piece.copy(this.#bytes, this.#length);
  }

  /** All of it, once; undefined: it was too long. What is given is good until `drop`. */
  take(): Buffer | undefined {
    return this.#bytes?.subarray(0, this.#length);
  }

  /** Gives the room back. Idempotent. */
  drop(): void {
    if (this.#bytes !== undefined) this.#free.push(this.#bytes);
    this.#bytes = undefined;
  }
}

/** Begins a sample, or not. */
export type TakeSample = () => AnswerSample | undefined;

/** For one worker. */
export function createSampling(clock: Pick<Clock, "monotonic">): TakeSample {
  const mayTake = createLessonBudget(clock, SAMPLES_A_SECOND);
  const free: Buffer[] = [];
  let made = 0;
  return () => {
    if (free.length === 0 && made === MOST_SAMPLES) return undefined;
    if (!mayTake()) return undefined;
    if (free.length === 0) made += 1;
    return new AnswerSample(free, free.pop() ?? Buffer.allocUnsafeSlow(MOST_BYTES));
  };
}
