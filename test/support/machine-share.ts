// How much of the machine was there for an app while something was measured. Limits of time are promises about a machine that has nothing
// else to do; beside a build, a test weighs the time that passed with the share that others left.
import { findTaggedProcesses, readProcessStat } from "@flyball/wire";
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** A measurement that goes on. */
export interface ShareMeter {
  /** 1: nobody else used the processors; 0.25: three quarters of them went to others. Never below 0.1. */
  stop(): Promise<number>;
}

/** Begins to measure. Counts as the app's own: everything that carries its tag, its keeper, and this test. */
export async function startShareMeter(stateFolder: string, keeperPid: number): Promise<ShareMeter> {
  const tag = `${basename(stateFolder)}/`;
  const ownTicks = async (): Promise<ReadonlyMap<number, number>> => {
    const tagged = (await findTaggedProcesses({ tag })).map(({ stat }) => stat.pid);
    return new Map(
      [process.pid, process.ppid, keeperPid, ...tagged].map((pid) => [pid, readProcessStat(pid)?.cpuTicks ?? 0]),
    );
  };
  const ownBefore = await ownTicks();
  const before = readMachine();
  return {
    async stop() {
      const after = readMachine();
      // What ended on the way is missing here and so counts as another's: the share errs to the small side.
      const own = [...(await ownTicks())].reduce(
        (sum, [pid, ticks]) => sum + Math.max(0, ticks - (ownBefore.get(pid) ?? 0)),
        0,
      );
      const others = Math.max(0, after.busy - before.busy - own);
      const all = Math.max(1, after.all - before.all);
      return Math.max(0.1, 1 - others / all);
    },
  };
}

/** Ticks of all processors since boot; stolen ones went to another machine. */
function readMachine(): { readonly busy: number; readonly all: number } {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n");
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, interrupts = 0, soft = 0, stolen = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const busy = user + nice + system + interrupts + soft + stolen;
  return { busy, all: busy + idle + wait };
}
