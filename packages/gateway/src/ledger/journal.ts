// The journal of one worker: a line when a call is sent, a line when it has ended, in the file at most 10 ms later. A call that has ended
// before its first line was written needs only the second. No call waits for the disk. What was handed to the system survives a kill -9 of the process; it is not fsynced, so a loss of power may take the last
// seconds.
//
// When the disk is full or broken the lines stay in a buffer of 4 MiB and are tried again. When that is full too, `isFull` lets the
// limit stage refuse calls that have a money budget; the records of the others are lost and counted. What they spent is still counted,
// in memory and in the sums that the journal writes when it can again.
import { frameJournalLine, JOURNAL_VERSION, type Clock, type OpenLine, type ProcessIdentity } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import { journalFileName, type AppendFile, type JournalDisk } from "./journal-disk.ts";
import { createJournalSums, type JournalSums, type ReserveJson } from "./journal-sums.ts";
import { createJournalWriter, type JournalWriterOptions } from "./journal-writer.ts";

/** Numbers of a journal, for metrics. */
export interface JournalStats {
  /** Waiting to be written. */
  readonly bufferedBytes: number;
  readonly writtenBytes: number;
  /** Lines that found the buffer full. */
  readonly lostLines: number;
  /** Writes that failed. */
  readonly failures: number;
}

/** The journal. */
export interface Journal {
  /** A call has reserved, or reserves more: the newest line of a call stands for all before. `id` is the ledger's. */
  reserve<Call>(id: string, call: Call, json: ReserveJson<Call>): void;
  /** A budget that the next settlement spends. */
  spend(limitId: string, amount: number, periodStart: number): void;
  /** The JSON of a settle line. */
  settle(id: string, json: string): void;
  /** No line fits any more. Calls with a money budget are refused. */
  readonly isFull: boolean;
  readonly stats: JournalStats;
  /** Writes what is left, the sums last. Gives up when the disk does not take it. */
  close(): Promise<void>;
}

/** What a journal is made with. */
export interface JournalOptions {
  readonly disk: JournalDisk;
  /** From `journalWriterName`. */
  readonly writer: string;
  readonly worker: number;
  readonly identity: ProcessIdentity;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A file that has so many bytes is followed by another. Default 32 MiB. */
  readonly rotateBytes?: number;
  /** Default 4 MiB. */
  readonly bufferBytes?: number;
}

const ROTATE_BYTES = 32 * 1024 * 1024;
const BUFFER_BYTES = 4 * 1024 * 1024;
/** Sums are written again after this many bytes of lines, and after four times their own size: at most a quarter of the volume. */
const SUMS_AFTER_BYTES = 64 * 1024;
const SUMS_SHARE = 4;

/** Opens a journal; its first file is made with the first line. */
export function createJournal(options: JournalOptions): Journal {
  const { writer: name, clock, logger } = options;
  const sums = createJournalSums();
  const batches = createBatches(options, sums);
  let lostLines = 0;
  const writer = createJournalWriter({
    clock,
    bufferBytes: options.bufferBytes ?? BUFFER_BYTES,
    hasMore: () => sums.hasUnwritten,
    prepare: batches.prepare,
    onFailing: (error) =>
      logger.error("the journal cannot be written; it is kept in memory and tried again", {
        writer: name,
        reason: error.message,
      }),
    onWorking: () => logger.info("the journal is written again", { writer: name, lostLines }),
  });
  const add = (line: string): void => {
    if (!writer.add(line)) lostLines += 1;
  };
  return {
    reserve(id, call, json) {
      sums.opened(id, call, json);
      writer.wake();
    },
    spend: sums.spend,
    settle(id, json) {
      sums.closed(id);
      add(frameJournalLine(json));
    },
    get isFull() {
      return writer.isFull;
    },
    get stats() {
      const { bufferedBytes, writtenBytes, failures } = writer;
      return { bufferedBytes, writtenBytes, lostLines, failures };
    },
    async close() {
      if (batches.hasFile || writer.bufferedBytes > 0) writer.add(sums.takeUnwritten() + sums.block(clock.now()));
      await writer.close();
      batches.close();
    },
  };
}

/** Rotates the files and adds what a replay needs. A file can be read without those before it: its first batch ends with the sums. */
function createBatches(
  { disk, writer, worker, identity, clock, rotateBytes = ROTATE_BYTES }: JournalOptions,
  sums: JournalSums,
): { readonly prepare: JournalWriterOptions["prepare"]; close(): void; readonly hasFile: boolean } {
  const open: OpenLine = { v: JOURNAL_VERSION, type: "open", writer, worker, identity };
  let file: AppendFile | undefined;
  let sequence = 0;
  let fileBytes = 0;
  let sinceSums = 0;
  let sumsBytes = 0;
  return {
    get hasFile() {
      return file !== undefined;
    },
    prepare(bytes) {
      let before = "";
      let after = sums.takeUnwritten();
      sinceSums += bytes + after.length;
      if (file === undefined || fileBytes >= rotateBytes) {
        const next = disk.create(journalFileName(writer, sequence + 1));
        file?.close();
        file = next;
        sequence += 1;
        fileBytes = 0;
        sinceSums = Number.POSITIVE_INFINITY;
        before = frameJournalLine(JSON.stringify(open));
      }
      if (sinceSums >= Math.max(SUMS_AFTER_BYTES, SUMS_SHARE * sumsBytes)) {
        const block = sums.block(clock.now());
        after += block;
        sumsBytes = block.length;
        sinceSums = 0;
      }
      fileBytes += before.length + bytes + after.length;
      return { file, before, after };
    },
    close() {
      file?.close();
      file = undefined;
    },
  };
}
