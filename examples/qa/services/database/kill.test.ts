import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runOnFakeDisk } from "@flyball/fakes";
import { expect, test } from "vitest";
import { createAnswerStore } from "./answer-store.ts";
import { openDatabase } from "./open-database.ts";

const entry = join(import.meta.dirname, "testdata", "write-answers.ts");
const isLong = process.env["FLYBALL_TEST_LONG"] === "1";

/** What is stored of each question: `old 1`, `new 1` or `approved 1`. */
function stored(folder: string): readonly string[] {
  const database = openDatabase(folder);
  try {
    expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    const rows = database.prepare("SELECT question, model, state FROM answers ORDER BY id").all();
    return rows.map(({ question, model, state }) => {
      return `${state === "approved" ? "approved" : String(model)} ${/\d+/.exec(String(question))?.[0]}`;
    });
  } finally {
    database.close();
  }
}

/** The newest line of each question. */
function newest(lines: readonly string[]): readonly string[] {
  return [...new Map(lines.map((line) => [line.split(" ")[1], line])).values()];
}

test.each(["kill", "ENOSPC"] as const)(
  "%s at any statement keeps what was acknowledged, once",
  async (what) => {
    for (let at = 1; ; at += isLong ? 1 : 3) {
      const folder = mkdtempSync(join(tmpdir(), "qa-test-"));
      try {
        const run = await runOnFakeDisk(entry, [folder, "3"], { at, what });
        const all = [1, 2, 3].flatMap((number) => ["old", "new", "approved"].map((word) => `${word} ${number}`));
        const done = run.lines.length;
        // At most the step under way may be there besides.
        expect([newest(all.slice(0, done)), newest(all.slice(0, done + 1))]).toContainEqual(stored(folder));
        if (run.code === 0) break;
        if (what === "ENOSPC") expect(run.errors).toContain("Nothing was stored: database or disk is full");
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  },
  60_000,
);

test("a full disk is told with a status of its own, and what is stored is still served", () => {
  const folder = mkdtempSync(join(tmpdir(), "qa-test-"));
  try {
    const database = openDatabase(folder);
    const options = { database, now: () => 0, timeToLiveMs: 1_000, maximumCount: 10, servesCandidates: true };
    const answers = createAnswerStore(options);
    const answer = { answer: "Yes.", model: "m", revision: null, sources: [] };
    answers.add({ ...answer, question: "Is there room?" });
    const { page_count: pages } = database.prepare("PRAGMA page_count").get() ?? {};
    database.exec(`PRAGMA max_page_count = ${Number(pages)}`);
    const long = { ...answer, question: "And for this?", answer: "x".repeat(20_000) };
    expect(() => answers.add(long)).toThrow(expect.objectContaining({ status: 507, code: "QA_DISK" }) as Error);
    expect(answers.find("Is there room?")?.answer).toBe("Yes.");
    database.exec("PRAGMA max_page_count = 1000000");
    answers.add(long);
    expect(answers.find("And for this?")?.answer).toHaveLength(20_000);
    database.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
