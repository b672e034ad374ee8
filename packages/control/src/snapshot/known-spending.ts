// What the ledger knows to be spent of budgets, for a gateway that has no journals of its own: one on another machine, or after its state
// was lost. It is no part of what makes a snapshot another one: it changes with every call.
import type { KnownSpending, Snapshot } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";

/** The longest period is a month; what is older is past in every zone. The gateway looks at the rest. */
const LONGEST_PERIOD_MS = 32 * 86_400_000;
/** Budgets of one snapshot; past this the ones that were begun longest ago are left out. */
const MOST = 20_000;

/** Sums of periods that may still run. */
export function knownSpending({ ledger, clock }: Pick<ControlContext, "ledger" | "clock">): readonly KnownSpending[] {
  const since = clock.now() - LONGEST_PERIOD_MS;
  const current = ledger?.spending().filter(({ spent, periodStart }) => spent > 0 && periodStart > since) ?? [];
  return current.length <= MOST ? current : current.toSorted((a, b) => b.periodStart - a.periodStart).slice(0, MOST);
}

/** The snapshot with what is spent by now. */
export function withSpending(snapshot: Snapshot, spent: readonly KnownSpending[]): Snapshot {
  const { spent: _before, ...rest } = snapshot;
  return spent.length === 0 ? rest : { ...rest, spent };
}
