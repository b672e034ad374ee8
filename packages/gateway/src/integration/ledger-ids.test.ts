// The ledger's own ids: a client that gives many calls one x-request-id is charged for each of them, over a kill and in the book.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readJournalLine, type LedgerRecord } from "@flyball/core";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { importJournals } from "../../../control/src/ledger/import-journals.ts";
import { openSqliteLedger } from "../../../control/src/ledger/sqlite-ledger.ts";
import { createProviderStage, dollarsPerDay, perMinute, type ProviderStage } from "../testdata/provider-stage.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let stage: ProviderStage;
beforeEach(async () => {
  stage = await createProviderStage(2);
});
afterEach(() => stage.dispose());

const SAME = { headers: { "x-request-id": "one-for-all" } };
const CHAT = { max_tokens: 10, messages: [{ role: "user", content: "count" }] };

const many = (count: number): Promise<number[]> =>
  Promise.all(Array.from({ length: count }, async () => (await stage.ask("/chat/completions", CHAT, SAME)).status));

const ids = (records: readonly LedgerRecord[]): Set<string> => new Set(records.map(({ id }) => id));

async function openCalls(): Promise<number> {
  const folder = stage.rig.journalFolder;
  const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")));
  const lines = texts.flatMap((text) => text.split("\n").flatMap((row) => readJournalLine(row) ?? []));
  const done = new Set(lines.flatMap((line) => (line.type === "settle" ? [line.record.id] : [])));
  return new Set(lines.flatMap((line) => (line.type === "reserve" && !done.has(line.id) ? [line.id] : []))).size;
}

describe("calls that share one x-request-id", () => {
  it("are one record each in the journal and in the book, with the client's id beside an own one that sorts by time", async () => {
    await stage.serve({ key: dollarsPerDay(1_000_000) });
    expect(await many(5)).toEqual([200, 200, 200, 200, 200]);
    const records = await stage.settled(5);
    expect(records.map(({ requestId }) => requestId)).toEqual(Array.from({ length: 5 }, () => "one-for-all"));
    expect(ids(records).size).toBe(5);
    const first = Math.min(...records.map(({ time }) => time));
    await stage.ask("/chat/completions", CHAT, SAME);
    const later = (await stage.settled(6)).find(({ id }) => !ids(records).has(id));
    expect(later?.time).toBeGreaterThanOrEqual(first);
    for (const { id, time } of records) if (time < (later?.time ?? 0)) expect(id < (later?.id ?? "")).toBe(true);
    const book = openSqliteLedger(":memory:", () => "UTC");
    expect(await importJournals(stage.rig.journalFolder, book, { now: Date.now() })).toEqual({ calls: 6, torn: 0 });
    expect(await importJournals(stage.rig.journalFolder, book, { now: Date.now() })).toEqual({ calls: 0, torn: 0 });
    const usd = records.reduce((sum, { cost }) => sum + cost.usd, 0) + (later?.cost.usd ?? 0);
    expect(book.usage({ by: [] })[0]).toMatchObject({ calls: 6, usd });
    expect(book.spending()).toMatchObject([{ spent: usd }]);
    book.close();
  });

  it("are each lost at what they had reserved when the gateway is killed, and their money stays spent", async () => {
    const cost = 20_000;
    await stage.serve({ key: dollarsPerDay(4 * cost) });
    stage.provider.set({ delayMs: 20_000 });
    // gpt-4o-mini: 0.60 a million tokens out. 33,000 of them are 19,800 micro-dollars, so four calls fill the budget.
    const large = { ...CHAT, max_tokens: 33_000 };
    const hanging = Array.from({ length: 4 }, () => stage.ask("/chat/completions", large, SAME).catch(() => undefined));
    await stage.provider.until(({ open }) => open === 4);
    await vi.waitFor(async () => expect(await openCalls()).toBe(4));
    stage.provider.reset();
    await stage.killAndStart();
    await Promise.all(hanging);
    const lost = (await stage.settled(4)).filter(({ outcome }) => outcome === "lost");
    expect(lost.map(({ requestId }) => requestId)).toEqual(Array.from({ length: 4 }, () => "one-for-all"));
    expect(ids(lost).size).toBe(4);
    expect(lost.reduce((sum, record) => sum + record.cost.usd, 0)).toBeGreaterThan(3.9 * cost);
    const refused = await stage.ask("/chat/completions", large, SAME);
    expect([refused.status, refused.json().error.code]).toEqual([429, "FB_GATEWAY_BUDGET"]);
    const book = openSqliteLedger(":memory:", () => "UTC");
    await importJournals(stage.rig.journalFolder, book, { now: Date.now() });
    expect(book.usage({ by: [] })[0]?.calls).toBe(4);
    book.close();
  });

  it("count in a rate after a kill as before it", async () => {
    await stage.serve({ key: perMinute("requests", 5) });
    expect((await many(8)).toSorted()).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
    await stage.settled(5);
    await stage.killAndStart();
    expect(await many(3)).toEqual([429, 429, 429]);
  });
});
