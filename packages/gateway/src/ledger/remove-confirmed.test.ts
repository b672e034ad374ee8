import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIRMED_FILE } from "@flyball/core";
import { createTemporaryFolder } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { removeConfirmedJournals } from "./remove-confirmed.ts";
import { ABSORBED_FILE } from "./replay.ts";

const LINE = "2 {}\n";

function names(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".journal"));
}

describe("the removal of journals", () => {
  it("deletes nothing before control has confirmed anything", async () => {
    await using folder = await createTemporaryFolder();
    writeFileSync(join(folder.path, "a.000001.journal"), LINE);
    expect(await removeConfirmedJournals(folder.path)).toEqual([]);
    expect(names(folder.path)).toHaveLength(1);
  });

  it("deletes what is imported to its last whole line and no replay needs, and keeps the two newest of a writer at work", async () => {
    await using folder = await createTemporaryFolder();
    const files: Record<string, number> = {};
    for (const name of ["live.000001", "live.000002", "live.000003", "live.000004", "dead.000001", "dead.000002"]) {
      writeFileSync(join(folder.path, `${name}.journal`), LINE + LINE);
      files[`${name}.journal`] = 2 * LINE.length;
    }
    // A torn end is no reason to keep a file; a whole line that was not imported is.
    writeFileSync(join(folder.path, "dead.000002.journal"), `${LINE}${LINE}9k {"v":1,"ty`);
    files["live.000002.journal"] = LINE.length;
    writeFileSync(join(folder.path, CONFIRMED_FILE), JSON.stringify({ files }));
    writeFileSync(join(folder.path, ABSORBED_FILE), JSON.stringify({ writers: ["dead"], spent: [] }));
    const removed = await removeConfirmedJournals(folder.path);
    expect([...removed].toSorted()).toEqual(["dead.000001.journal", "dead.000002.journal", "live.000001.journal"]);
    expect(names(folder.path)).toEqual(["live.000002.journal", "live.000003.journal", "live.000004.journal"]);
  });
});
