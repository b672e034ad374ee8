// Calls that a limit refused, counted where the ledger says no: such a call has no record.
import { createCounter, type MetricFamily } from "@flyball/telemetry";
import type { AttemptOutcomeAtStart, OpenOutcome } from "../ledger/call-account.ts";
import type { AccountLimit } from "../ledger/call-party.ts";

/** A reservation that was not made. */
type Refusal = Exclude<OpenOutcome | AttemptOutcomeAtStart, { kind: "opened" | "started" }>;

/** The counts of one worker. */
export interface LimitRefusals {
  add(refusal: Refusal): void;
  /** The store did not say in time whether it has room. */
  addLate(limit: AccountLimit): void;
  collect(): MetricFamily;
}

/** Creates them. */
export function createLimitRefusals(): LimitRefusals {
  const counter = createCounter({
    name: "flyball_limit_refusals_total",
    help: "Reservations that were refused: by a limit, because its store was late or away, for want of a price or a journal, or of room in a worker.",
    labelNames: ["kind", "subject", "unit"],
  });
  const count = (kind: string, { subject, unit }: AccountLimit): void =>
    counter.series(kind, subject.split(":", 1)[0] ?? "", unit).add();
  return {
    add(refusal) {
      if (refusal.kind === "full") {
        counter.series("worker-full", "", "").add();
        return;
      }
      const { kind, limit } = refusal;
      if (kind !== "refused") count(kind, limit);
      else count(refusal.isStoreAway ? "away" : limit.counter.kind, limit);
    },
    addLate: (limit) => count("late", limit),
    collect: counter.collect,
  };
}
