// Real processes, in a session of their own as the keeper starts them.
import { systemClock } from "@flyball/core";
import { createFakeClock, createTemporaryFolder } from "@flyball/fakes";
import type { KeptProcess } from "@flyball/wire";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { isStopped, type StoppedContext } from "./stopped-processes.ts";

const signal = new AbortController().signal;
let child: ChildProcess | undefined;

afterEach(() => {
  if (child?.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  child = undefined;
});

function keptWith(pid: number): StoppedContext["kept"] {
  const identity = { pid, startTicks: 1, bootId: "" };
  const process: KeptProcess = { key: "k", tag: "t", state: "running", identity, startedAt: 0, note: {} };
  return { get: (key) => (key === "k" ? process : undefined) };
}

test("a process is stopped from SIGSTOP until SIGCONT, also when it is the child of a shell that waits", async () => {
  const program = "process.on('SIGTERM',()=>{});console.log(process.pid);setInterval(()=>{},1000)";
  child = spawn("sh", ["-c", `"${process.execPath}" -e "${program}"; true`], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout!, "data")) as [Buffer];
  const grandchild = Number(line.toString());
  const parts = { kept: keptWith(child.pid!), procRoot: "/proc", clock: systemClock };
  expect(await isStopped(parts, "k", signal)).toBe(false);
  process.kill(grandchild, "SIGSTOP");
  await expect.poll(() => isStopped(parts, "k", signal), { timeout: 10_000 }).toBe(true);
  expect(await isStopped(parts, "unknown", signal)).toBe(false);
  process.kill(grandchild, "SIGCONT");
  await expect.poll(() => isStopped(parts, "k", signal), { timeout: 10_000 }).toBe(false);
}, 30_000);

test("one that ran between two looks is slowed down, not stopped", async () => {
  const folder = await createTemporaryFolder();
  const clock = createFakeClock();
  const write = async (state: string, cpuTicks: number): Promise<void> => {
    await mkdir(join(folder.path, "42"), { recursive: true });
    const fields = `${state} 1 42 42 0 -1 0 0 0 0 0 ${cpuTicks} 0 0 0 20 0 11 0 987654 0 2048 0`;
    await writeFile(join(folder.path, "42", "stat"), `42 (node) ${fields}`);
  };
  const look = async (ticksAfter: number): Promise<boolean> => {
    await write("T", 100);
    const answer = isStopped({ kept: keptWith(42), procRoot: folder.path, clock }, "k", signal);
    // The first look is over when it waits for the second.
    while (clock.pendingTimers() === 0) await new Promise((resolve) => setImmediate(resolve));
    await write("T", ticksAfter);
    await clock.advance(200);
    return answer;
  };
  expect(await look(100)).toBe(true);
  expect(await look(103)).toBe(false);
  await folder.dispose();
});
