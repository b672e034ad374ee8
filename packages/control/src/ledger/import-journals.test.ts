import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  CONFIRMED_FILE,
  frameJournalLine,
  NO_USAGE,
  packRecord,
  quoteRecord,
  type LedgerRecord,
  type LimitShare,
} from "@flyball/core";
import { createTemporaryFolder } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { MIGRATIONS } from "../store/migrations.ts";
import { importJournals } from "./import-journals.ts";
import type { LedgerBook } from "./ledger-book.ts";
import { openSqliteLedger } from "./sqlite-ledger.ts";

const DAY = Date.parse("2026-11-23T00:00:00Z");
const NOW = { now: DAY + 86_400_000 };

/** Written by an older gateway. */
const OLDER_JOURNAL = join(import.meta.dirname, "..", "..", "..", "core", "src", "testdata", "older-journal");
const OLDER = { now: Date.UTC(2025, 0, 1, 1) };

function record(id: string, more: Partial<LedgerRecord> = {}): LedgerRecord {
  return {
    id,
    requestId: "one-for-all",
    time: DAY + 3_600_000,
    app: "shop",
    key: "k1",
    tenant: "acme",
    route: "models",
    model: "chat",
    backend: "chat/0",
    provider: "openai",
    providerModel: "gpt-5-mini",
    attempts: [],
    usage: { ...NO_USAGE, input: 100, cacheRead: 50, output: 20, reasoning: 5 },
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
    ...more,
  };
}

function line(value: LedgerRecord, limits: readonly LimitShare[] = []): string {
  const shares = JSON.stringify(limits);
  const packed = packRecord(value, quoteRecord(value));
  return frameJournalLine(`{"v":1,"type":"settle","at":1,"reservedAt":1,"limits":${shares},"record":${packed}}`);
}

function openBook(path = ":memory:"): LedgerBook {
  return openSqliteLedger(path, () => "UTC");
}

describe("the import of journals", () => {
  it("takes each call once, however often a file or a line comes", async () => {
    await using folder = await createTemporaryFolder();
    const book = openBook();
    writeFileSync(join(folder.path, "a.000001.journal"), line(record("r1")) + line(record("r2")) + line(record("r1")));
    expect(await importJournals(folder.path, book, NOW)).toEqual({ calls: 2, torn: 0 });
    expect(await importJournals(folder.path, book, NOW)).toEqual({ calls: 0, torn: 0 });
    writeFileSync(join(folder.path, "b.000001.journal"), line(record("r2")) + line(record("r3")));
    expect(await importJournals(folder.path, book, NOW)).toEqual({ calls: 1, torn: 0 });
    expect(book.usage({ by: [] })[0]).toMatchObject({ calls: 3, usd: 900 });
  });

  it("goes on where it stopped, waits for the rest of a line, and skips a torn one", async () => {
    await using folder = await createTemporaryFolder();
    const book = openBook();
    const path = join(folder.path, "a.000001.journal");
    const second = line(record("r2"));
    writeFileSync(path, line(record("r1")) + second.slice(0, 40));
    expect((await importJournals(folder.path, book, NOW)).calls).toBe(1);
    appendFileSync(path, second.slice(40));
    expect((await importJournals(folder.path, book, NOW)).calls).toBe(1);
    appendFileSync(path, `${second.slice(0, 50)}\n${line(record("r3"))}`);
    expect(await importJournals(folder.path, book, NOW)).toEqual({ calls: 1, torn: 1 });
  });

  it("says how far it got so that files may be deleted, and forgets those that were", async () => {
    await using folder = await createTemporaryFolder();
    const book = openBook();
    const text = line(record("r1"));
    writeFileSync(join(folder.path, "a.000001.journal"), text);
    writeFileSync(join(folder.path, "b.000001.journal"), text + text.slice(0, 9));
    await importJournals(folder.path, book, NOW);
    const confirmed = (): unknown => JSON.parse(readFileSync(join(folder.path, CONFIRMED_FILE), "utf8"));
    expect(confirmed()).toEqual({ files: { "a.000001.journal": text.length, "b.000001.journal": text.length } });
    rmSync(join(folder.path, "a.000001.journal"));
    await importJournals(folder.path, book, NOW);
    expect(confirmed()).toEqual({ files: { "b.000001.journal": text.length } });
  });

  it("remembers over a restart what it has, and takes what was written meanwhile", async () => {
    await using folder = await createTemporaryFolder();
    const journals = join(folder.path, "journal");
    mkdirSync(journals);
    const first = openBook(join(folder.path, "store.db"));
    writeFileSync(join(journals, "a.000001.journal"), line(record("r1")));
    await importJournals(journals, first, NOW);
    first.close();
    for (let number = 0; number < 2_000; number += 1)
      appendFileSync(join(journals, "a.000001.journal"), line(record(`x${number}`)));
    const second = openBook(join(folder.path, "store.db"));
    expect((await importJournals(journals, second, NOW)).calls).toBe(2_000);
    expect(second.usage({ by: ["key"] })).toMatchObject([{ group: ["k1"], calls: 2_001 }]);
    second.close();
  });

  it("reads a journal from before calls had ids of their own, whose request ids tell them apart", async () => {
    await using folder = await createTemporaryFolder();
    cpSync(OLDER_JOURNAL, folder.path, { recursive: true });
    const book = openBook();
    expect(await importJournals(folder.path, book, OLDER)).toEqual({ calls: 2, torn: 0 });
    const kept = book.records({ limit: 9 }).map(({ id, requestId, usage }) => [id, requestId, usage.output]);
    expect(kept.toSorted()).toEqual([
      ["first", "first", 50],
      ["second", "second", 20],
    ]);
    expect(book.spending()).toEqual([{ limitId: "key:k usd/day", spent: 330, periodStart: Date.UTC(2025, 0, 1) }]);
  });

  it("goes on in a store from before that, without taking a call twice", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "store.db");
    const old = new DatabaseSync(path);
    old.exec(`${MIGRATIONS.slice(0, 5).join(";")}; PRAGMA user_version = 5`);
    const { id: _none, ...body } = record("", { requestId: "first" });
    old
      .prepare("INSERT INTO ledger (request_id, time, key, tenant, model, body) VALUES (?, ?, ?, ?, ?, ?)")
      .run("first", OLDER.now, "k", "acme", "chat", JSON.stringify(body));
    old.close();
    cpSync(OLDER_JOURNAL, join(folder.path, "journal"), { recursive: true });
    const book = openBook(path);
    expect((await importJournals(join(folder.path, "journal"), book, OLDER)).calls).toBe(1);
    expect(book.records({ limit: 9 }).map(({ id, requestId }) => [id, requestId])).toEqual([
      ["first", "first"],
      ["second", "second"],
    ]);
    book.close();
  });

  it("finds nothing in a folder that is not there", async () => {
    await using folder = await createTemporaryFolder();
    expect(await importJournals(join(folder.path, "none"), openBook(), NOW)).toEqual({ calls: 0, torn: 0 });
  });
});

describe("the book", () => {
  it("sums by key, tenant, model, backend and day of the app's zone", () => {
    const book = openSqliteLedger(":memory:", () => "Asia/Shanghai");
    const lines = [
      record("r1"),
      record("r2", { key: "k2", time: DAY + 17 * 3_600_000 }),
      record("r3", {
        outcome: "lost",
        isEstimated: true,
        estimateReason: "lost",
        cost: { usd: 0, cny: 7, isUnknown: true },
      }),
    ].map((value) => ({ v: 1 as const, type: "settle" as const, at: 1, reservedAt: 1, limits: [], record: value }));
    expect(book.import({ file: "f", bytes: 1, lines })).toBe(3);
    expect(book.usage({ by: ["day", "key"] }).map(({ group, calls }) => [...group, calls])).toEqual([
      ["2026-11-23", "k1", 2],
      ["2026-11-24", "k2", 1],
    ]);
    expect(book.usage({ by: ["tenant"], key: "k1", from: "2026-11-23", to: "2026-11-23" })).toEqual([
      {
        group: ["acme"],
        calls: 2,
        failed: 1,
        estimated: 1,
        unpriced: 1,
        inputTokens: 300,
        cachedTokens: 100,
        outputTokens: 50,
        usd: 300,
        cny: 7,
      },
    ]);
    expect(book.usage({ by: ["model"], to: "2026-11-22" })).toEqual([]);
  });

  it("knows what was spent of each budget in its newest period, once for each call", () => {
    const book = openBook();
    const settle = (id: string, limits: readonly LimitShare[]) => ({
      v: 1 as const,
      type: "settle" as const,
      at: 1,
      reservedAt: 1,
      limits,
      record: record(id),
    });
    const lines = [
      settle("r1", [
        ["key:k1 usd/day", 5, 100],
        ["key:k1 requests/60000", 1],
      ]),
      settle("r2", [["key:k1 usd/day", 7, 100]]),
      settle("r2", [["key:k1 usd/day", 7, 100]]),
      settle("r3", [["tenant:acme usd/month", 4, 50]]),
      settle("r4", [["tenant:acme usd/month", 9, 60]]),
      settle("r5", [["tenant:acme usd/month", 1, 50]]),
    ];
    book.import({ file: "f", bytes: 1, lines });
    expect(book.spending()).toEqual([
      { limitId: "key:k1 usd/day", spent: 12, periodStart: 100 },
      { limitId: "tenant:acme usd/month", spent: 9, periodStart: 60 },
    ]);
  });

  it("lists the newest records whole and trims the oldest without touching the sums", () => {
    const book = openBook();
    const lines = [1, 2, 3].map((number) => ({
      v: 1 as const,
      type: "settle" as const,
      at: 1,
      reservedAt: 1,
      limits: [],
      record: record(`r${number}`, { time: DAY + number, key: number === 2 ? "k2" : "k1" }),
    }));
    book.import({ file: "f", bytes: 1, lines });
    expect(book.records({ limit: 2 }).map(({ id }) => id)).toEqual(["r3", "r2"]);
    expect(book.find("one-for-all", 2).map(({ id }) => id)).toEqual(["r3", "r2"]);
    expect(book.find("somebody's", 2)).toEqual([]);
    expect(book.records({ limit: 9, before: DAY + 3, key: "k1" })).toEqual([record("r1", { time: DAY + 1 })]);
    expect(book.trim(DAY + 3, 1)).toBe(1);
    expect(book.records({ limit: 9 })).toHaveLength(2);
    expect(book.usage({ by: [] })[0]?.calls).toBe(3);
  });

  it("takes nothing of a part that it cannot take whole", () => {
    const book = openBook();
    const good = { v: 1 as const, type: "settle" as const, at: 1, reservedAt: 1, limits: [], record: record("r1") };
    const bad = { ...good, record: { ...record("r2"), key: undefined as unknown as string } };
    expect(() => book.import({ file: "f", bytes: 1, lines: [good, bad] })).toThrow();
    expect(book.usage({ by: [] })[0]?.calls).toBe(0);
    expect(book.imported().size).toBe(0);
  });
});
