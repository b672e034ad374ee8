// What a limit's own counter says of it, where it stands behind the counter in shared memory.
import { counterAt, type LimitMemory } from "../limit-layout.ts";
import type { RegisteredLimit } from "../limit-registry.ts";

const BUDGET_SPENT = 3;
const BUDGET_RESERVED = 4;
const BUDGET_START = 1;
const PLACES_TAKEN = 1;

/** Reserved for calls in flight; 0 of a rate, which counts at once. */
export function reservedOf({ cells }: LimitMemory, { counter: { kind, index } }: RegisteredLimit): number {
  const at = counterAt(index) + 1;
  if (kind === "rate") return 0;
  return cells[at + (kind === "budget" ? BUDGET_RESERVED : PLACES_TAKEN)] as number;
}

/** Spent in the current period; 0 unless it is a budget. */
export function spentOf({ cells }: LimitMemory, { counter: { kind, index } }: RegisteredLimit): number {
  return kind === "budget" ? (cells[counterAt(index) + 1 + BUDGET_SPENT] as number) : 0;
}

/** Wall time at which the period of a budget began; 0 unless it is one. */
export function periodStartOf({ cells }: LimitMemory, { counter: { kind, index } }: RegisteredLimit): number {
  return kind === "budget" ? (cells[counterAt(index) + 1 + BUDGET_START] as number) : 0;
}
