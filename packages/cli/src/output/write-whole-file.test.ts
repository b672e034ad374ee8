import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder, runOnFakeDisk } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { writeWholeFile } from "./write-whole-file.ts";

const ENTRY = join(import.meta.dirname, "testdata", "write-text.ts");

describe("what a command writes", () => {
  it.each(["kill", "ENOSPC"] as const)(
    "is the old text or the new after %s at any write point",
    async (what) => {
      for (let at = 1; ; at += 1) {
        await using folder = await createTemporaryFolder();
        const path = await folder.write("page.txt", "old");
        const run = await runOnFakeDisk(ENTRY, [folder.path, "new text"], { at, what, bytes: 3 });
        const isWritten = run.lines.includes("written");
        expect(isWritten ? ["new text"] : ["old", "new text"]).toContain(readFileSync(path, "utf8"));
        if (what === "ENOSPC") expect(readdirSync(folder.path)).toEqual(["page.txt"]);
        if (isWritten) break;
      }
    },
    60_000,
  );

  it("keeps the rights of the file that was there", async () => {
    await using folder = await createTemporaryFolder();
    const path = await folder.write("page.txt", "old");
    chmodSync(path, 0o640);
    writeWholeFile("page.txt", folder.path, "new");
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });
});
