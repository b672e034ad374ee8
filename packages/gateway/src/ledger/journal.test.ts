import { closeSync, openSync, readFileSync, readdirSync, statSync, write } from "node:fs";
import { join } from "node:path";
import { createFakeClock, createTemporaryFolder, type FakeClock } from "@flyball/fakes";
import { createLogger } from "@flyball/telemetry";
import { describe, expect, it } from "vitest";
import { createJournalDisk, journalWriterName, type JournalDisk } from "./journal-disk.ts";
import { createJournal, type Journal, type JournalOptions } from "./journal.ts";
import { createMemoryDisk, type MemoryDisk } from "./testdata/memory-disk.ts";
import { packedRecord, readLines, storyOf } from "./testdata/read-lines.ts";

const IDENTITY = { pid: 7, startTicks: 1, bootId: "boot" };
const NO_SPACE = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });

interface Rig {
  readonly clock: FakeClock;
  readonly journal: Journal;
  readonly log: string[];
}

function openJournal(disk: JournalDisk, options: Partial<JournalOptions> = {}): Rig {
  const clock = createFakeClock();
  const log: string[] = [];
  const logger = createLogger({ clock, level: "info", write: (line) => void log.push(line) });
  const journal = createJournal({ disk, writer: "w", worker: 0, identity: IDENTITY, clock, logger, ...options });
  return { clock, journal, log };
}

function reserveJson(request: string): string {
  return JSON.stringify({ v: 1, type: "reserve", request, at: 1, subjects: [], limits: [] });
}

function reserve(journal: Journal, request: string): void {
  journal.reserve(request, request, reserveJson);
}

function settle(journal: Journal, request: string): void {
  journal.settle(request, JSON.stringify({ v: 1, type: "settle", at: 2, limits: [], record: packedRecord(request) }));
}

function contentOf(disk: MemoryDisk): Buffer {
  return Buffer.concat([...disk.files].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, content]) => content));
}

describe("the journal", () => {
  it("hands a line to the disk within 10 ms, with all others of that time in one write", async () => {
    const disk = createMemoryDisk();
    const { clock, journal } = openJournal(disk);
    reserve(journal, "a");
    await clock.advance(3);
    reserve(journal, "b");
    expect(disk.waiting).toBe(0);
    await clock.advance(7);
    expect(disk.waiting).toBe(1);
    disk.finish();
    expect(storyOf(readLines(contentOf(disk))).slice(0, 2)).toEqual(["+a", "+b"]);
  });

  it("needs no first line for a call that ended before it was written", async () => {
    const disk = createMemoryDisk(true);
    const { clock, journal } = openJournal(disk);
    reserve(journal, "short");
    reserve(journal, "long");
    settle(journal, "short");
    await clock.advance(10);
    settle(journal, "long");
    await clock.advance(10);
    expect(storyOf(readLines(contentOf(disk)))).toEqual(["-short", "+long", "+long", "-long"]);
  });

  it("writes one batch at a time and the next as soon as the disk is free", async () => {
    const disk = createMemoryDisk();
    const { clock, journal } = openJournal(disk);
    reserve(journal, "a");
    await clock.advance(10);
    settle(journal, "a");
    await clock.advance(50);
    expect(disk.waiting).toBe(1);
    disk.finish();
    expect(disk.waiting).toBe(1);
    disk.finish();
    expect(disk.waiting).toBe(0);
    expect(storyOf(readLines(contentOf(disk)))).toEqual(["+a", "+a", "-a"]);
    expect(clock.pendingTimers()).toBe(0);
  });

  it("begins each file with a line about itself and a block from which it can be read alone", async () => {
    const disk = createMemoryDisk(true);
    const { clock, journal } = openJournal(disk, { rotateBytes: 400 });
    reserve(journal, "open");
    for (let number = 0; number < 20; number += 1) {
      reserve(journal, `r${number}`);
      journal.spend("key:a usd/day", 5, 1_000);
      settle(journal, `r${number}`);
      await clock.advance(10);
    }
    await journal.close();
    expect(disk.files.size).toBeGreaterThan(5);
    expect([...disk.files.keys()].toSorted()[1]).toBe("w.000002.journal");
    const last = readLines([...disk.files].toSorted(([a], [b]) => (a < b ? -1 : 1)).at(-1)?.[1] ?? "");
    expect(last[0]).toMatchObject({ type: "open", writer: "w", identity: IDENTITY });
    const sums = last.findLast((line) => line.type === "sums");
    expect(sums).toMatchObject({ openLines: 1, spent: [["key:a usd/day", 100, 1_000]] });
    expect(storyOf(last)).toContain("+open");
  });

  it("keeps what a full disk does not take, says so once, and loses and doubles nothing when there is room again", async () => {
    const disk = createMemoryDisk();
    const { clock, journal, log } = openJournal(disk);
    reserve(journal, "a");
    await clock.advance(10);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      disk.finish({ error: NO_SPACE });
      settle(journal, "a");
      reserve(journal, "a");
      await clock.advance(250);
    }
    disk.open();
    await clock.advance(10);
    const story = storyOf(readLines(contentOf(disk)));
    expect(story.filter((step) => step === "-a")).toHaveLength(3);
    expect(log.filter((line) => line.includes("ENOSPC"))).toHaveLength(1);
    expect(log.at(-1)).toContain("written again");
    expect(journal.stats).toMatchObject({ lostLines: 0, failures: 3, bufferedBytes: 0 });
  });

  it("writes a line whole once more when the disk took a part of it and then failed", async () => {
    const disk = createMemoryDisk();
    const { clock, journal } = openJournal(disk);
    reserve(journal, "a");
    await clock.advance(10);
    disk.finish();
    for (const request of ["b", "c", "d"]) reserve(journal, request);
    await clock.advance(10);
    disk.finish({ bytes: 100 });
    disk.finish({ error: NO_SPACE });
    await clock.advance(250);
    disk.open();
    expect(storyOf(readLines(contentOf(disk)))).toEqual(["+a", "+a", "+b", "+c", "+d"]);
  });

  it("is full when its buffer is, counts what it lost, and is not when half of it was written", async () => {
    const disk = createMemoryDisk();
    const { clock, journal } = openJournal(disk, { bufferBytes: 1_000 });
    reserve(journal, "first");
    await clock.advance(10);
    disk.finish({ error: NO_SPACE });
    expect(journal.isFull).toBe(false);
    for (let number = 0; number < 30; number += 1) settle(journal, `r${number}`);
    expect(journal.isFull).toBe(true);
    expect(journal.stats.lostLines).toBeGreaterThan(10);
    expect(journal.stats.bufferedBytes).toBeLessThanOrEqual(1_000);
    await clock.advance(250);
    disk.open();
    await clock.advance(10);
    expect(journal.isFull).toBe(false);
  });

  it("makes private files in a private folder and has written everything when it is closed", async () => {
    await using folder = await createTemporaryFolder();
    const path = join(folder.path, "journal");
    const { journal } = openJournal(createJournalDisk(path), { writer: journalWriterName(1_700_000_000_000, 7, 0) });
    reserve(journal, "a");
    reserve(journal, "b");
    settle(journal, "a");
    await journal.close();
    const [name = ""] = readdirSync(path);
    expect(name).toBe("1700000000000-7-0.000001.journal");
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, name)).mode & 0o777).toBe(0o600);
    expect(new Set(storyOf(readLines(readFileSync(join(path, name)))))).toEqual(new Set(["-a", "+b"]));
  });

  it.runIf(process.platform === "linux")("survives a device that is really full", async () => {
    const full = openSync("/dev/full", "a");
    const disk: JournalDisk = {
      create: () => ({
        append: (bytes, offset, done) => write(full, bytes, offset, bytes.length - offset, null, done),
        close: () => closeSync(full),
      }),
    };
    const { journal, log } = openJournal(disk);
    reserve(journal, "a");
    await journal.close();
    expect(log[0]).toContain("ENOSPC");
    expect(journal.stats).toMatchObject({ failures: 1, writtenBytes: 0 });
  });
});
