import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { NO_USAGE, type LedgerRecord } from "@flyball/core";
import { createTemporaryFolder } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { MIGRATIONS } from "../store/migrations.ts";
import { readLedger } from "./read-ledger.ts";
import { openSqliteLedger } from "./sqlite-ledger.ts";

const record = (id: string, time: number): LedgerRecord =>
  ({
    id,
    requestId: `req-${id}`,
    time,
    key: "k",
    tenant: "t",
    model: "m",
    backend: "b",
    usage: NO_USAGE,
    cost: { usd: 0, cny: 0, isUnknown: false },
  }) as LedgerRecord;

/** A store as a program of that format left it. */
async function storeOf(format: number) {
  const folder = await createTemporaryFolder();
  const path = join(folder.path, "store.db");
  const database = new DatabaseSync(path);
  for (const step of MIGRATIONS.slice(0, format)) database.exec(step);
  database.exec(`PRAGMA user_version = ${format}`);
  return { folder, path, database };
}

const formatOf = (path: string): unknown => {
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare("PRAGMA user_version").get();
  database.close();
  return row?.["user_version"];
};

describe("the ledger as a reader sees it", () => {
  it("has the newest records, also while control writes", async () => {
    const { folder, path, database } = await storeOf(0);
    await using _folder = folder;
    database.close();
    const book = openSqliteLedger(path, () => "UTC");
    const settle = (id: string, at: number) =>
      ({ v: 1, type: "settle", at, reservedAt: at, limits: [], record: record(id, at) }) as const;
    book.import({ file: "a", bytes: 1, lines: ["r1", "r2", "r3"].map((id, index) => settle(id, 100 + index)) });
    expect(readLedger(path, 2).map(({ id }) => id)).toEqual(["r3", "r2"]);
    book.close();
  });

  it("is read in the form that an older program left, and left in it", async () => {
    const { folder, path, database } = await storeOf(5);
    await using _folder = folder;
    const { id: _id, ...body } = record("old", 7);
    const insert =
      "INSERT INTO ledger (request_id, time, key, tenant, model, body) VALUES ('old', 7, 'k', 't', 'm', ?)";
    database.prepare(insert).run(JSON.stringify(body));
    database.close();
    expect(readLedger(path, 9)).toEqual([record("old", 7)]);
    expect(formatOf(path)).toBe(5);
  });

  it("is empty where there is none yet, and refused where a newer program wrote it", async () => {
    const { folder, path, database } = await storeOf(2);
    await using _folder = folder;
    expect(readLedger(path, 9)).toEqual([]);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    database.close();
    expect(() => readLedger(path, 9)).toThrow(expect.objectContaining({ code: "FB_CONTROL_STORE_NEWER" }) as Error);
  });
});
