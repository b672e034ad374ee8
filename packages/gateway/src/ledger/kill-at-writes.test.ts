// The journal dies at a write, its replay dies at each of its own, and the next replay finds the same: every call settled once.
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder, runOnFakeDisk, type DiskFault, type FakeDiskRun } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { readLines } from "./testdata/read-lines.ts";

const JOURNAL = join(import.meta.dirname, "testdata", "journal-process.ts");
const REPLAY = join(import.meta.dirname, "testdata", "replay-process.ts");
const isLong = process.env["FLYBALL_TEST_LONG"] === "1";
/** The limits of the process stand in a day of their own. */
const NOW = Date.UTC(2025, 0, 1, 1);
const LIMIT = "key:k usd/day";

interface Found {
  readonly spent: readonly (readonly [string, { readonly amount: number }])[];
  readonly lostCalls: number;
  readonly unwritten?: string;
}

function replay(folder: string, writer: string, fault?: DiskFault): Promise<FakeDiskRun> {
  return runOnFakeDisk(REPLAY, [folder, writer, String(NOW)], fault);
}

function foundBy({ lines, errors }: FakeDiskRun): Found {
  expect(errors).toBe("");
  return JSON.parse(lines[0] ?? "") as Found;
}

/** Every call with its settlements, and what they spent. */
function settledIn(folder: string): { readonly calls: Map<string, number>; readonly sum: number } {
  const calls = new Map<string, number>();
  let sum = 0;
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".journal"))) {
    for (const line of readLines(readFileSync(join(folder, name)))) {
      if (line.type === "reserve") calls.set(line.id, calls.get(line.id) ?? 0);
      if (line.type !== "settle") continue;
      calls.set(line.record.id, (calls.get(line.record.id) ?? 0) + 1);
      for (const [, amount, period] of line.limits) if (period !== undefined) sum += amount;
    }
  }
  return { calls, sum };
}

function expectSettledOnce(folder: string, { spent }: Found): void {
  const { calls, sum } = settledIn(folder);
  expect([...calls.values()].filter((count) => count !== 1)).toEqual([]);
  expect(spent.find(([id]) => id === LIMIT)?.[1].amount ?? 0).toBe(sum);
}

describe("a journal whose process is killed at a write", () => {
  const points = isLong ? Array.from({ length: 24 }, (_, index) => index + 1) : [2, 5];
  it.each(points)(
    "write %i, torn anywhere: every call that it knows is settled once",
    async (at) => {
      for (const bytes of isLong ? [0, 1, 100, 3_000, 20_000, 70_000] : [1_700]) {
        await using folder = await createTemporaryFolder();
        const run = await runOnFakeDisk(JOURNAL, [folder.path, "life"], { at, what: "kill", bytes });
        expect(run).toMatchObject({ end: "killed", errors: "" });
        expectSettledOnce(folder.path, foundBy(await replay(folder.path, "after")));
      }
    },
    120_000,
  );
});

describe("a replay", () => {
  it.each(isLong ? (["kill", "ENOSPC", "EROFS"] as const) : (["kill", "ENOSPC"] as const))(
    "that meets %s at a write leaves it to the next one, which finds the same",
    async (what) => {
      await using made = await createTemporaryFolder();
      await runOnFakeDisk(JOURNAL, [made.path, "life"], { at: 8, what: "kill", bytes: 900 });
      await using whole = await createTemporaryFolder();
      cpSync(made.path, whole.path, { recursive: true });
      const expected = foundBy(await replay(whole.path, "first"));
      expect(expected.lostCalls).toBeGreaterThan(100);
      for (let at = 1; ; at += isLong ? 1 : 2) {
        await using folder = await createTemporaryFolder();
        cpSync(made.path, folder.path, { recursive: true });
        const run = await replay(folder.path, "first", { at, what, bytes: 50, lasts: true });
        // A full disk keeps no gateway from what it needs to know.
        if (run.end === "ended")
          expect(foundBy(run)).toMatchObject({ spent: expected.spent, lostCalls: expected.lostCalls });
        const next = foundBy(await replay(folder.path, "second"));
        expect(next.spent).toEqual(expected.spent);
        expect(next.unwritten).toBeUndefined();
        expectSettledOnce(folder.path, next);
        if (run.end === "ended" && foundBy(run).unwritten === undefined) break;
      }
    },
    120_000,
  );
});
