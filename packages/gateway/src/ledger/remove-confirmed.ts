// Deletes the journal files that control has imported to their end and that no replay needs any more. While control is away nothing is
// deleted: the files wait, bounded by the disk.
import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { CONFIRMED_FILE, type ConfirmedJournals } from "@flyball/core";
import { parseJournalFileName } from "./journal-disk.ts";
import { ABSORBED_FILE, type Absorbed } from "./replay.ts";
import { readJson } from "./rates-file.ts";

/** The newest files of a writer whose sums stand nowhere else: the last one, and the one before it in case that was torn at its start. */
const KEPT_FILES = 2;

const LINE_FEED = 0x0a;
const LONGEST_LINE_BYTES = 1024 * 1024;

/** Answers the names of the files that it deleted. */
export async function removeConfirmedJournals(folder: string): Promise<readonly string[]> {
  const confirmed = readJson<ConfirmedJournals>(join(folder, CONFIRMED_FILE));
  if (!confirmed) return [];
  const absorbed = new Set(readJson<Absorbed>(join(folder, ABSORBED_FILE))?.writers);
  const names = (await readdir(folder)).filter((name) => parseJournalFileName(name)).toSorted();
  const byWriter = Map.groupBy(names, (name) => parseJournalFileName(name)?.writer ?? "");
  const unneeded = [...byWriter].flatMap(([writer, files]) =>
    absorbed.has(writer) ? files : files.slice(0, -KEPT_FILES),
  );
  const removed: string[] = [];
  for (const name of unneeded) {
    if (!(await isDone(join(folder, name), confirmed.files[name] ?? 0))) continue;
    await rm(join(folder, name), { force: true });
    removed.push(name);
  }
  return removed;
}

/** Whether no whole line follows what was imported. None of these files grows any more; what follows is nothing or a torn line. */
async function isDone(path: string, imported: number): Promise<boolean> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    if (size - imported > LONGEST_LINE_BYTES) return false;
    const rest = Buffer.alloc(Math.max(0, size - imported));
    await file.read(rest, 0, rest.length, imported);
    return !rest.includes(LINE_FEED);
  } finally {
    await file.close();
  }
}
