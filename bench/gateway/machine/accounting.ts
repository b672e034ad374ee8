// What processes used, by the system's own books. The nanoseconds that the scheduler counts per thread are what utime + stime of
// /proc/<pid>/stat are made of, without the rounding to ticks of 10 ms, which would be a tenth of a short interval.
import { readProcessStat } from "@flyball/wire";
import { readdirSync, readFileSync } from "node:fs";

const MICROSECONDS_PER_TICK = 10_000;

/** CPU time of all threads of these processes since they started, in microseconds. */
export function cpuMicroseconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (scheduledMicroseconds(pid) ?? tickedMicroseconds(pid)), 0);
}

/** The sum of the largest resident sizes that the processes ever had, in MiB. Pages that they share count in each. */
export function peakResidentMebibytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const match = /^VmHWM:\s+(\d+) kB/m.exec(readOrEmpty(`/proc/${pid}/status`));
    return sum + Number(match?.[1] ?? 0) / 1024;
  }, 0);
}

/** A process with its children and their children. */
export function processFamily(root: number): readonly number[] {
  const family = [root];
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    const stat = /^\d+$/.test(entry) ? readProcessStat(Number(entry)) : undefined;
    if (stat !== undefined && stat.state !== "Z") parents.set(stat.pid, stat.parentPid);
  }
  for (const member of family) {
    for (const [pid, parent] of parents) if (parent === member) family.push(pid);
  }
  return family;
}

/** Milliseconds since a process started; exact to 10 ms. */
export function ageMilliseconds(pid: number): number {
  const uptimeMs = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1000;
  return uptimeMs - (readProcessStat(pid)?.startTicks ?? Number.NaN) * 10;
}

function scheduledMicroseconds(pid: number): number | undefined {
  let nanoseconds = 0;
  for (const thread of listOrEmpty(`/proc/${pid}/task`)) {
    nanoseconds += Number(readOrEmpty(`/proc/${pid}/task/${thread}/schedstat`).split(" ")[0]);
  }
  return nanoseconds === 0 ? undefined : nanoseconds / 1000;
}

function tickedMicroseconds(pid: number): number {
  return (readProcessStat(pid)?.cpuTicks ?? 0) * MICROSECONDS_PER_TICK;
}

function listOrEmpty(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
