// Calls that a limit refused, counted where the ledger says no: such a call has no record.
import { createCounter, type MetricFamily } from "@flyball/telemetry";
import type { AttemptOutcomeAtStart, OpenOutcome } from "../ledger/call-account.ts";

/** A reservation that was not made. */
type Refusal = Exclude<OpenOutcome | AttemptOutcomeAtStart, { kind: "opened" | "started" }>;

/** The counts of one worker. */
export interface LimitRefusals {
  add(refusal: Refusal): void;
  collect(): MetricFamily;
}

/** Creates them. */
export function createLimitRefusals(): LimitRefusals {
  const counter = createCounter({
    name: "flyball_limit_refusals_total",
    help: "Reservations that were refused: by a limit, for want of a price or a journal, or of room in a worker.",
    labelNames: ["kind", "subject", "unit"],
  });
  return {
    add(refusal) {
      if (refusal.kind === "full") {
        counter.series("worker-full", "", "").add();
        return;
      }
      const { kind, limit } = refusal;
      const subject = limit.subject.split(":", 1)[0] ?? "";
      counter.series(kind === "refused" ? limit.counter.kind : kind, subject, limit.unit).add();
    },
    collect: counter.collect,
  };
}
