// The plan as the event of a new revision carries it. Events are stored and kept by the thousand, and a changed config may be a whole
// file, so long values are cut; `flyball diff` has them whole.
import type { Plan } from "@flyball/core";

/** More than any rendering of a plan shows of one value. */
const LONGEST_VALUE = 200;

/** The same plan with values of at most 200 characters. */
export function planForEvent(plan: Plan): Plan {
  const steps = plan.steps.map((step) => ({
    ...step,
    changes: step.changes.map(({ path, before, after }) => ({ path, before: cut(before), after: cut(after) })),
  }));
  return { ...plan, steps };
}

function cut(value: unknown): unknown {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : value;
}
