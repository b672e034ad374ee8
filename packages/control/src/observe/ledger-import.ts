// Takes over what gateways wrote of their calls, each second while control runs. While it is away the journals wait.
import type { Clock } from "@flyball/core";
import { importJournals } from "../ledger/import-journals.ts";
import type { LedgerBook } from "../ledger/ledger-book.ts";

/** What the import works on. */
export interface LedgerImportOptions {
  readonly folder: string;
  readonly ledger: LedgerBook;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

const IMPORT_EVERY_MS = 1_000;

/** Starts it; the result ends it, waits for the pass that runs, and takes over what is there by then. */
export function startLedgerImport({ folder, ledger, clock, onError }: LedgerImportOptions): () => Promise<void> {
  let running = Promise.resolve();
  let isRunning = false;
  const pass = (): Promise<void> => {
    if (isRunning) return running;
    isRunning = true;
    running = importJournals(folder, ledger, { now: clock.now() }).then(
      () => void (isRunning = false),
      (error: unknown) => {
        isRunning = false;
        onError(error);
      },
    );
    return running;
  };
  const cancel = clock.every(IMPORT_EVERY_MS, () => void pass());
  return async () => {
    cancel();
    await running;
    await pass();
  };
}
