// The folder of the journals as the journal and the replay see it: files that only grow, told apart by their names. An interface, so
// that tests can tear writes and fill the disk.
import { closeSync, mkdirSync, openSync, write } from "node:fs";
import { join } from "node:path";
import { JOURNAL_SUFFIX } from "@flyball/core";

/** An open file that is only ever appended to. */
export interface AppendFile {
  /** Writes from an offset of the buffer on; perhaps less than all. One call at a time. */
  append(bytes: Buffer, offset: number, done: (error: Error | null, written: number) => void): void;
  close(): void;
}

/** Where journal files are made. */
export interface JournalDisk {
  /** Makes a file that must not exist yet. Throws when it cannot. */
  create(name: string): AppendFile;
}

/** The folder on the machine's disk; it is made when it is missing. Folder 0700, files 0600. */
export function createJournalDisk(folder: string): JournalDisk {
  return {
    create(name) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const descriptor = openSync(join(folder, name), "ax", 0o600);
      return {
        append: (bytes, offset, done) => write(descriptor, bytes, offset, bytes.length - offset, null, done),
        close: () => closeSync(descriptor),
      };
    },
  };
}

/** Names sort by the time at which their writer began, then by their place in the writer's row of files. */
export function journalFileName(writer: string, sequence: number): string {
  return `${writer}.${String(sequence).padStart(6, "0")}${JOURNAL_SUFFIX}`;
}

/** The writer and the place of a file; undefined for other files. */
export function parseJournalFileName(name: string): { readonly writer: string; readonly sequence: number } | undefined {
  const match = /^(.+)\.(\d{6,})\.journal$/.exec(name);
  return match?.[1] === undefined ? undefined : { writer: match[1], sequence: Number(match[2]) };
}

/** A new writer's name; `startedAt` is wall milliseconds. */
export function journalWriterName(startedAt: number, pid: number, worker: number | "main"): string {
  return `${String(Math.floor(startedAt)).padStart(13, "0")}-${pid}-${worker}`;
}
