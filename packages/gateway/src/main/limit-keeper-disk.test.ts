// A gateway that starts on a disk that takes nothing knows what was spent before, serves, and writes it down once there is room.
import { existsSync, mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { NO_LIMITS } from "@flyball/core";
import { createFakeClock, createTemporaryFolder } from "@flyball/fakes";
import { createLogger } from "@flyball/telemetry";
import { expect, it } from "vitest";
import { ABSORBED_FILE, type Absorbed } from "../ledger/replay.ts";
import { ANSWERED, createLedgerRig, used } from "../ledger/testdata/ledger-rig.ts";
import { snapshot } from "../testdata/snapshots.ts";
import { createLimitKeeper } from "./limit-keeper.ts";

it("starts with the sums of the one before it although they cannot be written, and writes them later", async () => {
  await using folder = await createTemporaryFolder();
  const budgets = [{ currency: "usd", microUnits: 1_000_000, per: "day" }] as const;
  const before = createLedgerRig({ "key:k": { budgets } }, { writer: "before", clock: createFakeClock() });
  const account = before.open();
  before.ledger.reportUsage(before.attempt(account), used(100, 50));
  before.ledger.settle(account, ANSWERED);
  await before.clock.advance(20);
  before.disk.crashInto(folder.path, 0);
  const absorbed = join(folder.path, ABSORBED_FILE);
  mkdirSync(absorbed);
  const { clock } = before;
  const told: string[] = [];
  const keeper = createLimitKeeper({
    journalFolder: folder.path,
    workers: 1,
    clock,
    logger: createLogger({ clock, level: "warn", write: (line) => void told.push(line) }),
    wake: () => undefined,
  });
  const key = { id: "k", hmac: "k", service: "", models: [], limits: { ...NO_LIMITS, budgets } };
  const compiled = keeper.compile(snapshot(1, { keys: [key] }), {});
  expect(compiled?.["key:k"]).toHaveLength(1);
  expect(told.join("")).toContain(`${absorbed} cannot be written`);
  await clock.advance(25_000);
  expect(told.filter((line) => line.includes("cannot be written;"))).toHaveLength(1);
  rmdirSync(absorbed);
  await clock.advance(10_000);
  expect(existsSync(absorbed)).toBe(true);
  const { writers, spent } = JSON.parse(readFileSync(absorbed, "utf8")) as Absorbed;
  expect(writers).toEqual(["before"]);
  expect(spent).toEqual([["key:k usd/day", 200, expect.any(Number)]]);
  await keeper.stop();
});
