// An import that dies, or finds no room, at any of its writes: the next one takes each call once, and tells the gateway how far it got.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CONFIRMED_FILE,
  frameJournalLine,
  NO_USAGE,
  packRecord,
  quoteRecord,
  type ConfirmedJournals,
  type LedgerRecord,
} from "@flyball/core";
import { createTemporaryFolder, runOnFakeDisk } from "@flyball/fakes";
import { expect, it } from "vitest";
import { openSqliteLedger } from "./sqlite-ledger.ts";

const ENTRY = join(import.meta.dirname, "testdata", "import-process.ts");
const DAY = Date.UTC(2026, 10, 23);
const CALLS = 6;

function line(id: string): string {
  const record: LedgerRecord = {
    id,
    requestId: "one-for-all",
    time: DAY,
    app: "shop",
    key: "k1",
    tenant: "acme",
    route: "models",
    model: "chat",
    backend: "chat/0",
    provider: "openai",
    providerModel: "gpt-5-mini",
    attempts: [],
    usage: { ...NO_USAGE, input: 100, output: 20 },
    isEstimated: false,
    estimateReason: undefined,
    cost: { usd: 300, cny: 0, isUnknown: false },
    status: 200,
    outcome: "answered",
    ttftMs: undefined,
    durationMs: 12,
    isResumed: false,
    isHedged: false,
    isCached: false,
  };
  const packed = packRecord(record, quoteRecord(record));
  const limits = JSON.stringify([["key:k1 usd/day", 300, DAY]]);
  return frameJournalLine(`{"v":1,"type":"settle","at":1,"reservedAt":1,"limits":${limits},"record":${packed}}`);
}

it.each(["kill", "ENOSPC", "EROFS"] as const)(
  "%s at each write of an import loses and doubles nothing",
  async (what) => {
    const stride = process.env["FLYBALL_TEST_LONG"] === "1" ? 1 : 6;
    const ids = Array.from({ length: CALLS }, (_, index) => `c${index}`);
    for (let at = 1; ; at += stride) {
      await using folder = await createTemporaryFolder();
      const store = join(folder.path, "store.db");
      openSqliteLedger(store, () => "UTC").close();
      const journals = { "a.000001.journal": ids.slice(0, 4), "b.000001.journal": ids.slice(3) };
      for (const [name, some] of Object.entries(journals))
        writeFileSync(join(folder.path, name), some.map(line).join(""));
      const run = await runOnFakeDisk(ENTRY, [folder.path, store], { at, what, bytes: 4, lasts: true });
      if (run.end === "ended" && run.code !== 0) expect(run.errors).toMatch(/takes nothing: |cannot be written: /);
      // What is confirmed is deleted by the gateway, so it must be in the book.
      const before = openSqliteLedger(store, () => "UTC");
      const confirmed = join(folder.path, CONFIRMED_FILE);
      if (existsSync(confirmed)) expect(before.find("one-for-all", 100)).toHaveLength(CALLS);
      before.close();
      const next = await runOnFakeDisk(ENTRY, [folder.path, store]);
      expect(next).toMatchObject({ code: 0, errors: "" });
      const book = openSqliteLedger(store, () => "UTC");
      expect(book.usage({ by: [] })[0]).toMatchObject({ calls: CALLS, usd: CALLS * 300 });
      expect(book.spending()).toEqual([{ limitId: "key:k1 usd/day", spent: CALLS * 300, periodStart: DAY }]);
      expect(
        book
          .find("one-for-all", 100)
          .map(({ id }) => id)
          .toSorted(),
      ).toEqual(ids);
      book.close();
      const { files } = JSON.parse(readFileSync(confirmed, "utf8")) as ConfirmedJournals;
      for (const name of Object.keys(journals)) expect(files[name]).toBe(readFileSync(join(folder.path, name)).length);
      if (run.end === "ended" && run.code === 0) break;
    }
  },
  120_000,
);
