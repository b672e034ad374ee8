import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { frameJournalLine, type JournalLine } from "@flyball/core";
import { createFakeClock, createTemporaryFolder, seededRandom, type FakeClock } from "@flyball/fakes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallAccount } from "./call-account.ts";
import { writeRates } from "./rates-file.ts";
import { ABSORBED_FILE, replayJournals, settleDeadWriters, type Replayed, type ReplayOptions } from "./replay.ts";
import { rateSteps } from "./restore-limits.ts";
import { ANSWERED, createLedgerRig, used, type LedgerRig } from "./testdata/ledger-rig.ts";
import { packedRecord, readLines } from "./testdata/read-lines.ts";

const BUDGET = "key:k usd/day";
const TOKENS = "key:k tokens/60000";
const KEY = {
  "key:k": {
    rates: [{ unit: "tokens", limit: 1_000_000_000, windowMs: 60_000 }],
    concurrency: 1_000,
    budgets: [{ currency: "usd", microUnits: 1_000_000_000, per: "day" }],
  },
} as const;
const OLDER_JOURNAL = join(import.meta.dirname, "..", "..", "..", "core", "src", "testdata", "older-journal");
const IDENTITY = { pid: 7, startTicks: 1, bootId: "boot" };

function replay(folder: string, more: Partial<ReplayOptions> = {}): Replayed {
  const options = { folder, writer: "x-lost", identity: IDENTITY, now: Date.UTC(2025, 0, 1, 1), isAlive: () => false };
  return replayJournals({ ...options, ...more });
}

function everyLine(folder: string): readonly JournalLine[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".journal"));
  return names.toSorted().flatMap((name) => readLines(readFileSync(join(folder, name))));
}

/** How often each call was settled, and the sum that all settlements spent of the budget. */
function truthOf(folder: string): { reserved: Set<string>; settled: Map<string, number>; spent: number } {
  const reserved = new Set<string>();
  const settled = new Map<string, number>();
  let spent = 0;
  for (const line of everyLine(folder)) {
    if (line.type === "reserve") reserved.add(line.id);
    if (line.type !== "settle") continue;
    const { id } = line.record;
    settled.set(id, (settled.get(id) ?? 0) + 1);
    for (const [limitId, amount] of line.limits) if (limitId === BUDGET) spent += amount;
  }
  return { reserved, settled, spent };
}

/** Random calls; some stay open. */
async function work(rig: LedgerRig, random: () => number, steps: number): Promise<void> {
  const open: CallAccount[] = [];
  for (let step = 0; step < steps; step += 1) {
    if (random() < 0.55) {
      const account = rig.open({ requestId: `${step % 3}`, outputTokens: random() < 0.2 ? undefined : 1_000 });
      open.push(account);
      const attempt = rig.attempt(account);
      rig.ledger.deliver(attempt, Math.floor(random() * 3_000));
      rig.ledger.reportUsage(attempt, used(100, Math.floor(random() * 500)));
    } else if (open.length > 0) {
      const [account] = open.splice(Math.floor(random() * open.length), 1);
      if (account) rig.ledger.settle(account, ANSWERED);
    }
    if (random() < 0.3) await rig.clock.advance(Math.floor(random() * 12));
    if (random() < 0.2 && rig.disk.waiting > 0) {
      if (random() < 0.2) rig.disk.finish({ error: new Error("ENOSPC") });
      else rig.disk.finish(random() < 0.3 ? { bytes: Math.max(1, Math.floor(random() * 300)) } : {});
    }
  }
}

describe("the replay of journals", () => {
  it("settles every reservation exactly once and keeps the sums, wherever the gateways die and however often", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1 }), fc.integer({ min: 5, max: 120 }), async (seed, steps) => {
        await using folder = await createTemporaryFolder();
        const random = seededRandom(seed);
        const clock: FakeClock = createFakeClock();
        let last: Replayed | undefined;
        for (let life = 0; life < 3; life += 1) {
          for (const worker of [0, 1]) {
            const rig = createLedgerRig(KEY, { isDiskOpen: random() < 0.3, writer: `${life}-${worker}`, clock });
            await work(rig, random, steps);
            rig.disk.crashInto(folder.path, Math.floor(random() * 4_000));
          }
          const before = last?.spent.get(BUDGET)?.amount;
          const absorbed = join(folder.path, ABSORBED_FILE);
          const kept = before === undefined ? undefined : readFileSync(absorbed);
          last = replay(folder.path, { writer: `${life}-lost` });
          if (random() < 0.5) {
            // It died after the lost calls were written and before the sums were.
            if (kept) writeFileSync(absorbed, kept);
            else rmSync(absorbed);
            last = replay(folder.path, { writer: `${life}-lost-again` });
            expect(last.lostCalls).toBe(0);
          }
          const { reserved, settled, spent } = truthOf(folder.path);
          for (const id of reserved) expect(settled.get(id), id).toBe(1);
          expect(last.spent.get(BUDGET)?.amount ?? 0).toBe(spent);
        }
        expect(replay(folder.path, { writer: "once-more" })).toMatchObject({ lostCalls: 0 });
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it("marks a lost call as an estimate at what it had reserved", async () => {
    await using folder = await createTemporaryFolder();
    const rig = createLedgerRig(KEY);
    rig.attempt(rig.open());
    await rig.clock.advance(10);
    rig.disk.crashInto(folder.path, 0);
    expect(replay(folder.path)).toMatchObject({ lostCalls: 1, tornLines: 0 });
    const lost = everyLine(folder.path).find((line) => line.type === "settle");
    expect(lost).toMatchObject({
      record: {
        requestId: "r1",
        key: "k",
        tenant: "acme",
        backend: "chat/0",
        usage: used(100, 1_000),
        isEstimated: true,
        estimateReason: "lost",
        outcome: "lost",
        cost: { usd: 2_100 },
      },
    });
  });

  it("reads a journal from before calls had ids of their own", async () => {
    await using folder = await createTemporaryFolder();
    cpSync(OLDER_JOURNAL, folder.path, { recursive: true });
    const { spent, lostCalls, tornLines, rateCounts } = replay(folder.path, { now: Date.UTC(2025, 0, 1) + 1_000 });
    expect([lostCalls, tornLines]).toEqual([1, 0]);
    // 200 and 130 were settled; 2,100 was reserved for the third.
    expect(spent.get(BUDGET)?.amount).toBe(2_430);
    expect(rateCounts.reduce((sum, { amount }) => sum + amount, 0)).toBe(150 + 110 + 1_100);
    const lost = everyLine(folder.path).filter((line) => line.type === "settle" && line.record.outcome === "lost");
    expect(lost).toMatchObject([{ record: { id: "third", requestId: "third" } }]);
    expect(replay(folder.path, { writer: "again" })).toMatchObject({ lostCalls: 0 });
  });

  it("leaves alone the calls of a gateway that is handing over, and counts what they have reserved", async () => {
    await using folder = await createTemporaryFolder();
    const rig = createLedgerRig(KEY);
    const account = rig.open();
    rig.attempt(account);
    await rig.clock.advance(10);
    rig.disk.crashInto(folder.path, 0);
    const during = replay(folder.path, { isAlive: () => true });
    expect(during.lostCalls).toBe(0);
    expect(during.spent.get(BUDGET)?.amount).toBe(2_100);
    rig.ledger.reportUsage(account.attempts[0] as never, used(100, 100));
    rig.ledger.settle(account, ANSWERED);
    await rig.clock.advance(10);
    rig.disk.crashInto(folder.path, 0);
    expect(replay(folder.path, { writer: "later" }).spent.get(BUDGET)?.amount).toBe(300);
  });

  it("settles the calls of a worker thread that died, once, also for the gateway that starts later", async () => {
    await using folder = await createTemporaryFolder();
    const rig = createLedgerRig(KEY);
    rig.attempt(rig.open());
    await rig.clock.advance(10);
    rig.disk.crashInto(folder.path, 0);
    const options = { folder: folder.path, writer: "w-lost", identity: IDENTITY, now: 5, writers: ["w"] };
    expect(settleDeadWriters(options)).toBe(1);
    const later = replay(folder.path);
    expect(later.lostCalls).toBe(0);
    expect(later.spent.get(BUDGET)?.amount).toBe(2_100);
    expect([...truthOf(folder.path).settled.values()]).toEqual([1]);
  });

  it("starts with an empty folder, with torn ends, and with files that are none of its own", async () => {
    await using folder = await createTemporaryFolder();
    expect(replay(join(folder.path, "none")).spent.size).toBe(0);
    const rig = createLedgerRig(KEY);
    rig.attempt(rig.open());
    await rig.clock.advance(10);
    rig.disk.crashInto(folder.path, 0);
    appendFileSync(join(folder.path, "w.000001.journal"), '5z {"v":1,"type":"settle","at":17');
    writeFileSync(join(folder.path, "z.000001.journal"), '4a {"v":1,"ty');
    writeFileSync(join(folder.path, "notes.txt"), "not ours");
    expect(replay(folder.path)).toMatchObject({ lostCalls: 1, tornLines: 1 });
  });

  it("rebuilds a rate from the last dump and what came after it", async () => {
    await using folder = await createTemporaryFolder();
    const rig = createLedgerRig(KEY);
    const start = rig.clock.now();
    const early = rig.open();
    const attempt = rig.attempt(early);
    await rig.clock.advance(1_000);
    await writeRates(folder.path, { at: rig.clock.now(), rates: [[TOKENS, [[start, 1_100]]]] });
    await rig.clock.advance(1_000);
    rig.ledger.reportUsage(attempt, used(100, 50));
    rig.ledger.settle(early, ANSWERED);
    rig.attempt(rig.open());
    await rig.clock.advance(10);
    rig.disk.crashInto(folder.path, 0);
    const now = rig.clock.now();
    const replayed = replay(folder.path, { now });
    expect(rateSteps(replayed, now).get(TOKENS)).toEqual([
      [start, 150],
      [start + 2_000, 1_100],
    ]);
    // A gateway that dies before its first dump leaves the next one as wise.
    expect(rateSteps(replay(folder.path, { now, writer: "second" }), now).get(TOKENS)).toEqual([
      [start, 150],
      [start + 2_000, 1_100],
    ]);
  });

  it("reads the end of a long journal alone", async () => {
    await using folder = await createTemporaryFolder();
    const shares = [
      [TOKENS, 150],
      [BUDGET, 300, 1_735_689_600_000],
    ];
    const record = packedRecord("r");
    const settle = frameJournalLine(
      JSON.stringify({ v: 1, type: "settle", at: 1, reservedAt: 1, limits: shares, record }),
    );
    const sums = frameJournalLine(
      JSON.stringify({ v: 1, type: "sums", at: 1, openLines: 0, spent: [[BUDGET, 7_000, 1_735_689_600_000]] }),
    );
    const open = (writer: string): string =>
      frameJournalLine(JSON.stringify({ v: 1, type: "open", writer, worker: 0, identity: IDENTITY }));
    mkdirSync(folder.path, { recursive: true });
    const block = settle.repeat(1_000) + sums;
    for (let file = 1; file <= 2; file += 1) {
      const name = join(folder.path, `w.${String(file).padStart(6, "0")}.journal`);
      writeFileSync(name, open("w") + block.repeat(100) + settle.repeat(3));
    }
    const startedAt = process.cpuUsage();
    const replayed = replay(folder.path);
    const { user, system } = process.cpuUsage(startedAt);
    expect(replayed.spent.get(BUDGET)?.amount).toBe(7_900);
    // Two hundred thousand lines; with all of them parsed it would be more than a second.
    expect((user + system) / 1_000).toBeLessThan(100);
  });
});
