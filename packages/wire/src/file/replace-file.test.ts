import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder, runOnFakeDisk, type DiskFault, type FakeDiskRun } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { createFileSync, replaceFile, replaceFileSync, sweepUnfinished } from "./replace-file.ts";

const isLong = process.env["FLYBALL_TEST_LONG"] === "1";
/** Each process takes some tenths of a second: `npm test` goes to every third write point. */
const STRIDE = isLong ? 1 : 3;
const ENTRY = join(import.meta.dirname, "testdata", "write-files.ts");

/** What stands in each file, and how much was acknowledged of it. */
function contents(folder: string, { lines }: FakeDiskRun): readonly { found: string | undefined; said: string[] }[] {
  return ["later", "now", "once"].map((name) => {
    const path = join(folder, name);
    const found = existsSync(path) ? readFileSync(path, "utf8") : undefined;
    return { found, said: lines.filter((line) => line.startsWith(`${name} `)) };
  });
}

const numberOf = (text: string | undefined): number => Number(text?.split(" ")[1] ?? 0);

/** Runs with the fault at each write point, up to the run that meets none. */
async function atEachPoint(
  fault: Omit<DiskFault, "at">,
  check: (run: FakeDiskRun, folder: string) => void,
): Promise<number> {
  for (let at = 1; ; at += STRIDE) {
    await using folder = await createTemporaryFolder();
    const run = await runOnFakeDisk(ENTRY, [folder.path], { ...fault, at });
    check(run, folder.path);
    if (run.end === "ended" && run.code === 0) return at - 1;
  }
}

describe("a small file", () => {
  it.each(isLong ? [0, 3] : [3])(
    "is what it was or what it was to be after a kill at any write point, with %i bytes of the write",
    async (bytes) => {
      const points = await atEachPoint({ what: "kill", bytes }, (run, folder) => {
        for (const { found, said } of contents(folder, run)) {
          const acknowledged = numberOf(said.at(-1));
          expect([acknowledged, acknowledged + 1]).toContain(numberOf(found));
          if (found !== undefined) expect(found).toMatch(/^(later|now|once) [12]$/);
        }
        sweepUnfinished(folder);
        expect(readdirSync(folder).filter((name) => name.endsWith(".unfinished"))).toEqual([]);
      });
      expect(points).toBeGreaterThan(15);
    },
    60_000,
  );

  it.each(["ENOSPC", "EROFS"] as const)(
    "is left as it was by %s, with an error that names it",
    async (what) => {
      await atEachPoint({ what, bytes: 2 }, (run, folder) => {
        for (const { found, said } of contents(folder, run)) expect(found).toBe(said.at(-1));
        if (run.code !== 0)
          expect(run.errors).toMatch(/FB_STATE_UNWRITABLE|(later|now|once) cannot be written: (ENOSPC|EROFS)/);
        const left = readdirSync(folder).filter((name) => name.endsWith(".unfinished"));
        expect(left.length).toBeLessThanOrEqual(what === "ENOSPC" ? 0 : 1);
      });
    },
    60_000,
  );

  it("belongs to this user alone, with its folder, and replaces whatever rights there were", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "made", "file");
    await replaceFile(path, "a");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder.path, "made")).mode & 0o777).toBe(0o700);
    chmodSync(path, 0o644);
    replaceFileSync(path, "b");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("is whole when many write it at once", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "file");
    const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(20_000));
    await Promise.all(texts.map((text) => replaceFile(path, text)));
    expect(texts).toContain(readFileSync(path, "utf8"));
    expect(readdirSync(folder.path)).toEqual(["file"]);
  });

  it("is made once", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "file");
    expect([createFileSync(path, "a"), createFileSync(path, "b")]).toEqual([true, false]);
    expect(readFileSync(path, "utf8")).toBe("a");
    expect(readdirSync(folder.path)).toEqual(["file"]);
  });

  it("says what is wrong when its place is a folder", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "folder");
    mkdirSync(path);
    const failure = { code: "FB_STATE_UNWRITABLE", message: expect.stringContaining(path) };
    await expect(replaceFile(path, "a")).rejects.toMatchObject(failure);
    expect(() => replaceFileSync(path, "a")).toThrow(expect.objectContaining(failure) as Error);
    expect(readdirSync(folder.path)).toEqual(["folder"]);
  });
});

it("the sweep removes what dead writers left and nothing else", async () => {
  await using folder = await createTemporaryFolder();
  const names = ["a", "a.4194305.0123abcd.unfinished", `a.${process.pid}.0123abcd.unfinished`, "b.unfinished"];
  for (const name of names) writeFileSync(join(folder.path, name), "");
  sweepUnfinished(folder.path);
  sweepUnfinished(join(folder.path, "not-there"));
  expect(readdirSync(folder.path).toSorted()).toEqual(["a", names[2], "b.unfinished"]);
});
