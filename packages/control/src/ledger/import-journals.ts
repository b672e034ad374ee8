// Brings what gateways have written of their calls into the book, and tells them how far it got, so that they may delete it. A pass takes
// what is there and ends; between two transactions of a few milliseconds the event loop runs. While control is away the files wait.
import { open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  CONFIRMED_FILE,
  JOURNAL_SUFFIX,
  readJournalLine,
  type ConfirmedJournals,
  type SettleLine,
} from "@flyball/core";
import { replaceFile } from "@flyball/wire";
import type { JournalPart, LedgerBook } from "./ledger-book.ts";

/** What a pass did. */
export interface ImportResult {
  /** Calls that were new. */
  readonly calls: number;
  /** Lines that were torn and skipped. */
  readonly torn: number;
}

/** How much of a file one transaction takes: about a hundred calls. */
const PART_BYTES = 64 * 1024;
const KEPT_RECORDS_MS = 90 * 86_400_000;
const TRIMMED_AT_ONCE = 200;

/** One pass over the folder; a missing folder is an empty one. To be called again about each second, never twice at once. */
export async function importJournals(
  folder: string,
  book: LedgerBook,
  options: { readonly now: number; readonly signal?: AbortSignal },
): Promise<ImportResult> {
  const names = await journalNames(folder);
  const before = book.imported();
  let calls = 0;
  let torn = 0;
  for (const name of names) {
    for (let offset = before.get(name) ?? 0; options.signal?.aborted !== true;) {
      const part = await readPart(join(folder, name), name, offset);
      if (part === undefined) break;
      calls += book.import(part);
      torn += part.torn;
      offset = part.bytes;
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
  }
  const present = new Set(names);
  const gone = [...before.keys()].filter((name) => !present.has(name));
  if (gone.length > 0) book.forgetFiles(gone);
  book.trim(options.now - KEPT_RECORDS_MS, TRIMMED_AT_ONCE);
  await confirm(folder, book.imported());
  return { calls, torn };
}

async function journalNames(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(JOURNAL_SUFFIX)).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** From an offset to the last whole line of the next piece; undefined: no whole line is there yet. */
async function readPart(
  path: string,
  file: string,
  offset: number,
): Promise<(JournalPart & { readonly torn: number }) | undefined> {
  for (let size = PART_BYTES; ; size *= 4) {
    const bytes = await readBytes(path, offset, size);
    const end = bytes.lastIndexOf(0x0a) + 1;
    if (end > 0) return { file, bytes: offset + end, ...parse(bytes.toString("utf8", 0, end)) };
    if (bytes.length < size) return undefined;
  }
}

async function readBytes(path: string, offset: number, size: number): Promise<Buffer> {
  let handle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    // The gateway deleted it: it was imported to its end.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function parse(text: string): { lines: readonly SettleLine[]; torn: number } {
  const lines: SettleLine[] = [];
  let torn = 0;
  for (const row of text.split("\n")) {
    if (row === "") continue;
    const line = readJournalLine(row);
    if (line === undefined) torn += 1;
    else if (line.type === "settle") lines.push(line);
  }
  return { lines, torn };
}

/** Holds the file against the book and not against the last pass: control may have died, or found no room, between the two. */
async function confirm(folder: string, imported: ReadonlyMap<string, number>): Promise<void> {
  const path = join(folder, CONFIRMED_FILE);
  const confirmed: ConfirmedJournals = { files: Object.fromEntries(imported) };
  const before = await readFile(path, "utf8").catch(() => undefined);
  const text = JSON.stringify(confirmed);
  if (before === text || (before === undefined && imported.size === 0)) return;
  await replaceFile(path, text);
}
