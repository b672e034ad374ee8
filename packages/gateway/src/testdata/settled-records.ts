// The records of settled calls, as they stand in a gateway's journals.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { JOURNAL_SUFFIX, readJournalLine, type LedgerRecord } from "@flyball/core";

/** All of them, in the order of each file. */
export async function settledRecords(folder: string): Promise<LedgerRecord[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(JOURNAL_SUFFIX));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap((text) =>
    text.split("\n").flatMap((line) => {
      const read = readJournalLine(line);
      return read?.type === "settle" ? [read.record] : [];
    }),
  );
}
