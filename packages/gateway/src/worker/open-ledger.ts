// The ledger of one worker: its view of the shared limits, its journal, what it learned of tokens per byte.
import { readProcessIdentity } from "@flyball/wire";
import { createCallIds } from "../ledger/call-ids.ts";
import type { OpenOutcome } from "../ledger/call-account.ts";
import { createCallLedger, type CallLedger } from "../ledger/call-ledger.ts";
import { createUsageEstimator, type UsageEstimator } from "../ledger/estimate-usage.ts";
import { createJournalDisk } from "../ledger/journal-disk.ts";
import { createJournal, type Journal } from "../ledger/journal.ts";
import { wrapLimitMemory } from "../limits/limit-layout.ts";
import { createLeaseWaiters, type LeaseWaiters } from "../limits/lease/lease-waiters.ts";
import { openLimitTable, type LimitTable } from "../limits/limit-table.ts";
import { giveSignOfLife } from "../limits/sign-of-life.ts";
import type { WorkerContext } from "./worker-context.ts";
import type { WorkerData } from "./worker-messages.ts";

/** What a worker keeps its accounts with. */
export interface WorkerLedger extends CallLedger {
  readonly journal: Journal;
  readonly table: LimitTable;
  readonly estimator: UsageEstimator;
  /** Calls that wait for a limit that several gateways share. */
  readonly waiters: LeaseWaiters;
}

/** Opens it; the journal's file is made with the first call. */
export function openLedger(
  data: WorkerData,
  app: string,
  { clock, logger, metrics }: Pick<WorkerContext, "clock" | "logger" | "metrics">,
  onLow: () => void,
): WorkerLedger {
  const memory = wrapLimitMemory(data.limits);
  giveSignOfLife(memory, data.workerIndex);
  const table = openLimitTable(memory, data.workerIndex, onLow);
  const journal = createJournal({
    disk: createJournalDisk(data.journalFolder),
    writer: data.journalWriter,
    worker: data.workerIndex,
    identity: readProcessIdentity(process.pid),
    clock,
    logger,
  });
  const estimator = createUsageEstimator();
  const ledger = createCallLedger({ app, table, memory, journal, estimator, ids: createCallIds(), clock });
  return {
    ...ledger,
    journal,
    table,
    estimator,
    waiters: createLeaseWaiters(clock, memory),
    open(start) {
      const outcome = ledger.open(start);
      if (outcome.kind !== "opened" && !mayFitSoon(outcome)) metrics.limitRefusals.add(outcome);
      return outcome;
    },
    startAttempt(account, target) {
      const outcome = ledger.startAttempt(account, target);
      if (outcome.kind !== "started" && !mayFitSoon(outcome)) metrics.limitRefusals.add(outcome);
      return outcome;
    },
  };
}

/** A call that may wait for a lease is counted by `calls/wait-for-lease.ts` when it does not wait, or not any more. */
function mayFitSoon(outcome: Exclude<OpenOutcome, { kind: "opened" }>): boolean {
  return outcome.kind === "refused" && outcome.asked.length > 0;
}
