// Whether this machine was fit to measure: how late the referee's own event loop was, and how much processor time other machines took.
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

/** What was seen until now. */
export interface MachineReport {
  /** How late the event loop of the referee was, in milliseconds (99 of 100 times no later). */
  readonly lagP99Ms: number;
  /** Processor time that was taken away from this machine, 0 to 1; 0 where nobody says. */
  readonly stealShare: number;
  /** Processor time that was in use, 0 to 1. */
  readonly busyShare: number;
}

const RESOLUTION_MS = 2;

/** Begins to watch; `stop` tells what was seen. */
export function watchMachine(): { stop(): MachineReport } {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const before = readTicks();
  return {
    stop() {
      delay.disable();
      const after = readTicks();
      const all = Math.max(1, after.all - before.all);
      return {
        lagP99Ms: Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS),
        stealShare: (after.stolen - before.stolen) / all,
        busyShare: (after.busy - before.busy) / all,
      };
    },
  };
}

interface Ticks {
  readonly busy: number;
  readonly stolen: number;
  readonly all: number;
}

/** Ticks of all processors since boot, from the first line of /proc/stat (proc_stat(5)). */
export function parseTicks(text: string): Ticks {
  const [line = ""] = text.split("\n");
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, interrupts = 0, soft = 0, stolen = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const busy = user + nice + system + interrupts + soft + stolen;
  return { busy, stolen, all: busy + idle + wait };
}

function readTicks(): Ticks {
  try {
    return parseTicks(readFileSync("/proc/stat", "utf8"));
  } catch {
    return { busy: 0, stolen: 0, all: 0 };
  }
}
