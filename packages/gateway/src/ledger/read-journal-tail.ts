// Reads the end of a writer's files, backwards, as far as is needed: to the last sums with the calls that were open then, and to a time.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { readJournalLine, type JournalLine, type OpenLine } from "@flyball/core";

/** The end of a journal. */
export interface JournalTail {
  /** In the order in which they were written. */
  readonly lines: readonly JournalLine[];
  /** Index of the newest sums before which all its open calls stand; -1: the lines are all that there is. */
  readonly sumsAt: number;
  /** Lines that were torn. */
  readonly torn: number;
}

const FIRST_READ_BYTES = 96 * 1024;
const GROWTH = 4;
/** However far the time lies back, no more is read of one writer once its sums were found. */
const MAX_READ_BYTES = 8 * 1024 * 1024;
const HEADER_BYTES = 16 * 1024;

/** The tail of the files of one writer, given in the order of their making. Everything at or after `since` (wall time) is in it. */
export function readJournalTail(paths: readonly string[], since: number): JournalTail {
  for (let bytes = FIRST_READ_BYTES; ; bytes *= GROWTH) {
    const { text, isWhole } = readLast(paths, bytes);
    const tail = parse(text, isWhole);
    if (isWhole || (tail.sumsAt >= 0 && (reaches(tail.lines, since) || bytes >= MAX_READ_BYTES))) return tail;
  }
}

/** What a file says of itself; undefined when that never got there whole. Before it may stand a piece of it that a full disk took. */
export function readOpenLine(path: string): OpenLine | undefined {
  for (const row of readEnd(path, HEADER_BYTES, true).toString("utf8").split("\n")) {
    const line = readJournalLine(row);
    if (line?.type === "open") return line;
  }
  return undefined;
}

function readLast(paths: readonly string[], bytes: number): { text: string; isWhole: boolean } {
  const parts: Buffer[] = [];
  let missing = bytes;
  for (const path of paths.toReversed()) {
    const part = readEnd(path, missing, false);
    parts.unshift(part);
    missing -= part.length;
    if (missing <= 0) return { text: Buffer.concat(parts).toString("utf8"), isWhole: false };
  }
  return { text: Buffer.concat(parts).toString("utf8"), isWhole: true };
}

/** The last (or first) bytes of a file. A file that is gone by now has none: control had it, and nobody needs it. */
function readEnd(path: string, bytes: number, isFromStart: boolean): Buffer {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const { size } = fstatSync(descriptor);
    const length = Math.min(size, bytes);
    const buffer = Buffer.alloc(length);
    const read = readSync(descriptor, buffer, 0, length, isFromStart ? 0 : size - length);
    return buffer.subarray(0, read);
  } finally {
    closeSync(descriptor);
  }
}

function parse(text: string, isWhole: boolean): JournalTail {
  const rows = text.split("\n");
  // The first row of a part is a piece of a line; the last is what follows the last line feed: nothing, or a torn line.
  if (!isWhole) rows.shift();
  const lines: JournalLine[] = [];
  let torn = 0;
  for (const row of rows) {
    if (row === "") continue;
    const line = readJournalLine(row);
    if (line) lines.push(line);
    else torn += 1;
  }
  return { lines, sumsAt: lines.findLastIndex((line, index) => isComplete(lines, line, index)), torn };
}

/** Whether the open calls that the sums speak of stand before them. */
function isComplete(lines: readonly JournalLine[], line: JournalLine, index: number): boolean {
  if (line.type !== "sums" || index < line.openLines) return false;
  for (let at = index - line.openLines; at < index; at += 1) if (lines[at]?.type !== "reserve") return false;
  return true;
}

function reaches(lines: readonly JournalLine[], since: number): boolean {
  const first = lines.find((line) => line.type !== "open");
  return first !== undefined && "at" in first && first.at < since;
}
