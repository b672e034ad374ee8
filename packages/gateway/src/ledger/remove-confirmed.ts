// Deletes the journal files that control has imported to their end and that no replay needs any more. While control is away nothing is
// deleted: the files wait, bounded by the disk.
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { CONFIRMED_FILE, type ConfirmedJournals } from "@flyball/core";
import { parseJournalFileName } from "./journal-disk.ts";
import { ABSORBED_FILE, type Absorbed } from "./replay.ts";
import { readJson } from "./rates-file.ts";

/** The newest files of a writer whose sums stand nowhere else: the last one, and the one before it in case that was torn at its start. */
const KEPT_FILES = 2;

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
    const imported = confirmed.files[name];
    if (imported === undefined) continue;
    // A file with a newer one after it, or of a dead writer, does not grow any more.
    const { size } = await stat(join(folder, name));
    if (imported < size) continue;
    await rm(join(folder, name), { force: true });
    removed.push(name);
  }
  return removed;
}
