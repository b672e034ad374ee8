// Which runs there are and in which order. A third of them inject nothing: they tell what the machine itself does to the figures, and they
// catch a healer that acts without a reason.
import type { FaultDefinition } from "../fault.ts";
import { createSeededRandom } from "./seeded-random.ts";

/** One run that is to come. */
export interface PlannedRun {
  readonly index: number;
  /** Decides on victim and moment. */
  readonly seed: number;
  /** Absent: nothing is injected. */
  readonly fault?: FaultDefinition;
}

const EMPTY_FOR_EACH = 0.5;

/** `rounds` runs of each fault and half as many empty ones, at least one, in an order drawn by the seed. */
export function planRuns(faults: readonly FaultDefinition[], rounds: number, seed: number): readonly PlannedRun[] {
  const random = createSeededRandom(seed);
  const faulty = faults.flatMap((fault) => Array.from({ length: rounds }, () => ({ fault })));
  const empty = Array.from({ length: Math.max(1, Math.ceil(faulty.length * EMPTY_FOR_EACH)) }, () => ({}));
  const order = [...faulty, ...empty].map((run) => ({ run, place: random() })).toSorted((a, b) => a.place - b.place);
  return order.map(({ run }, index) => ({ index, seed: Math.floor(random() * 2 ** 32), ...run }));
}
