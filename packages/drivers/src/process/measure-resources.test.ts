import { readFile } from "node:fs/promises";
import { createFakeClock, createTemporaryFolder, type TemporaryFolder } from "@flyball/fakes";
import type { KeptProcess } from "@flyball/wire";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createResourceMeter } from "./measure-resources.ts";

let proc: TemporaryFolder;
const signal = new AbortController().signal;

beforeEach(async () => {
  proc = await createTemporaryFolder();
});

afterEach(() => proc.dispose());

interface FakeProcess {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  readonly start?: number;
  readonly ticks?: readonly [number, number, number, number];
  readonly pages?: number;
  readonly tag?: string;
}

async function put({
  pid,
  parent,
  session,
  start = 100,
  ticks = [1, 1, 0, 0],
  pages = 10,
  tag,
}: FakeProcess): Promise<void> {
  const [user, system, childUser, childSystem] = ticks;
  const fields = [
    "S",
    parent,
    session,
    session,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    user,
    system,
    childUser,
    childSystem,
    20,
    0,
    1,
    0,
    start,
    0,
    pages,
    0,
  ];
  await proc.write(`${pid}/stat`, `${pid} (a (b) c) ${fields.join(" ")}`);
  await proc.write(`${pid}/environ`, tag === undefined ? "A=1" : `A=1\0FLYBALL_INSTANCE=${tag}\0B=2`);
}

function kept(tag: string, pid: number, state: KeptProcess["state"] = "running"): KeptProcess {
  return { key: `${tag}#1`, tag, identity: { pid, startTicks: 100, bootId: "b" }, state, startedAt: 0, note: {} };
}

test("processes are summed by session, by descent and by tag; others are not counted", async () => {
  const clock = createFakeClock(5_000);
  const meter = createResourceMeter({ procRoot: proc.path, clock });
  await put({ pid: 10, parent: 1, session: 10, ticks: [100, 50, 30, 20], pages: 100 });
  await put({ pid: 11, parent: 10, session: 10, ticks: [10, 0, 0, 0], pages: 10 });
  await put({ pid: 12, parent: 11, session: 12, ticks: [1, 0, 0, 0], pages: 1 });
  await put({ pid: 13, parent: 1, session: 13, ticks: [40, 0, 0, 0], pages: 1_000, tag: "qa.c/api/0" });
  await put({ pid: 20, parent: 1, session: 20, ticks: [7, 0, 0, 0], pages: 5 });
  await put({ pid: 30, parent: 1, session: 30, ticks: [999, 0, 0, 0] });
  await put({ pid: 5, parent: 1, session: 10, start: 50, ticks: [999, 0, 0, 0] });
  const usage = await meter.measure(
    [kept("qa.c/api/0", 10), kept("qa.c/web/0", 20), kept("qa.c/old/0", 30, "exited")],
    signal,
  );
  expect(usage).toEqual([
    { handle: "qa.c/api/0#1", cpuSeconds: 2.51, rssBytes: 1_111 * 4_096, at: 5_000 },
    { handle: "qa.c/web/0#1", cpuSeconds: 0.07, rssBytes: 5 * 4_096, at: 5_000 },
  ]);
});

test("CPU time does not fall when a child ends and is waited for", async () => {
  const meter = createResourceMeter({ procRoot: proc.path, clock: createFakeClock() });
  await put({ pid: 10, parent: 1, session: 10, ticks: [10, 0, 0, 0] });
  await put({ pid: 11, parent: 10, session: 10, ticks: [500, 0, 0, 0] });
  const [before] = await meter.measure([kept("t", 10)], signal);
  await proc.write("11/stat", "gone");
  await put({ pid: 10, parent: 1, session: 10, ticks: [10, 0, 500, 0] });
  const [after] = await meter.measure([kept("t", 10)], signal);
  expect([before?.cpuSeconds, after?.cpuSeconds]).toEqual([5.1, 5.1]);
});

test("an environment is read once in the life of a process, and again when its number is used anew", async () => {
  const meter = createResourceMeter({ procRoot: proc.path, clock: createFakeClock() });
  await put({ pid: 10, parent: 1, session: 10 });
  await put({ pid: 13, parent: 1, session: 13, ticks: [100, 0, 0, 0], tag: "t" });
  const cpu = async (): Promise<number | undefined> => (await meter.measure([kept("t", 10)], signal))[0]?.cpuSeconds;
  expect(await cpu()).toBe(1.02);
  await proc.write("13/environ", "");
  expect(await cpu()).toBe(1.02);
  await put({ pid: 13, parent: 1, session: 13, start: 101, ticks: [100, 0, 0, 0] });
  expect(await cpu()).toBe(0.02);
});

test("the page size is this machine's own", async () => {
  await proc.write("self/auxv", await readFile("/proc/self/auxv"));
  await put({ pid: 10, parent: 1, session: 10, pages: 3 });
  const [usage] = await createResourceMeter({ procRoot: proc.path, clock: createFakeClock() }).measure(
    [kept("t", 10)],
    signal,
  );
  expect((usage?.rssBytes ?? 0) % (3 * 4_096)).toBe(0);
  expect(usage?.rssBytes).toBeGreaterThan(0);
});

test("without /proc nothing is known", async () => {
  const meter = createResourceMeter({ procRoot: `${proc.path}/none`, clock: createFakeClock() });
  expect(await meter.measure([kept("t", 10)], signal)).toEqual([]);
});
