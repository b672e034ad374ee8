// The ledger of one worker: its view of the shared limits, its journal, what it learned of tokens per byte.
import { readProcessIdentity } from "@flyball/wire";
import { createCallLedger, type CallLedger } from "../ledger/call-ledger.ts";
import { createUsageEstimator, type UsageEstimator } from "../ledger/estimate-usage.ts";
import { createJournalDisk } from "../ledger/journal-disk.ts";
import { createJournal, type Journal } from "../ledger/journal.ts";
import { wrapLimitMemory } from "../limits/limit-layout.ts";
import { openLimitTable, type LimitTable } from "../limits/limit-table.ts";
import type { Clock } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import type { WorkerData } from "./worker-messages.ts";

/** What a worker keeps its accounts with. */
export interface WorkerLedger extends CallLedger {
  readonly journal: Journal;
  readonly table: LimitTable;
  readonly estimator: UsageEstimator;
}

/** Opens it; the journal's file is made with the first call. */
export function openLedger(
  data: WorkerData,
  { app, clock, logger }: { readonly app: string; readonly clock: Clock; readonly logger: Logger },
): WorkerLedger {
  const memory = wrapLimitMemory(data.limits);
  const table = openLimitTable(memory, data.workerIndex);
  const journal = createJournal({
    disk: createJournalDisk(data.journalFolder),
    writer: data.journalWriter,
    worker: data.workerIndex,
    identity: readProcessIdentity(process.pid),
    clock,
    logger,
  });
  const estimator = createUsageEstimator();
  const ledger = createCallLedger({ app, table, memory, journal, estimator, clock, onRecord: () => undefined });
  return { ...ledger, journal, table, estimator };
}
