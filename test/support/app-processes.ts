// The processes of an app as the system sees them, keeper included, and ways to kill them that say when they were really gone.
import { connectKeeper, findTaggedProcesses, readProcessStat } from "@flyball/wire";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** A process that cannot be mistaken for a later one with its number. */
export interface KnownProcess {
  readonly pid: number;
  readonly startTicks: number;
}

/** The processes of one app. */
export interface AppProcesses {
  readonly keeper: KnownProcess;
  readonly control: KnownProcess;
  readonly gateway: KnownProcess;
  /** Everything that carries the app's tag: control, gateway, instances and what those started. */
  readonly tagged: readonly KnownProcess[];
}

/** Asks the keeper in a state folder `<app>.<clone>`, and /proc. */
export async function appProcesses(stateFolder: string): Promise<AppProcesses> {
  const client = await connectKeeper({ path: join(stateFolder, "keeper.sock"), role: "test" });
  try {
    const { processes } = await client.call("system-list", {});
    const pidOf = (name: string): number => processes.findLast((process) => process.name === name)?.pid ?? 0;
    const found = await findTaggedProcesses({ tag: `${basename(stateFolder)}/` });
    return {
      keeper: knownProcess(client.keeper.pid),
      control: knownProcess(pidOf("control")),
      gateway: knownProcess(pidOf("gateway")),
      tagged: found.map(({ stat }) => ({ pid: stat.pid, startTicks: stat.startTicks })),
    };
  } finally {
    client.close();
  }
}

/** Everything of an app that runs, found by what stands in its environment: the keeper too, also one that does not answer. */
export async function everythingOf(stateFolder: string): Promise<readonly string[]> {
  const app = basename(stateFolder);
  const tagged = (await findTaggedProcesses({ tag: `${app}/` })).map(
    ({ stat, tag }) => `${stat.pid} ${tag ?? "untagged"}`,
  );
  const keepers = readdirSync("/proc").filter(
    (entry) => /^\d+$/.test(entry) && environmentOf(entry).includes(`FLYBALL_KEEPER=${app}`),
  );
  return [...tagged, ...keepers.filter((pid) => Number(pid) !== process.pid).map((pid) => `${pid} keeper`)];
}

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}

/** The process that has this number now. */
export function knownProcess(pid: number): KnownProcess {
  const stat = readProcessStat(pid);
  if (stat === undefined) throw new Error(`there is no process ${pid}`);
  return { pid, startTicks: stat.startTicks };
}

/** Whether it still runs; a zombie does not. */
export function isRunning(process: KnownProcess): boolean {
  const stat = readProcessStat(process.pid);
  return stat !== undefined && stat.startTicks === process.startTicks && stat.state !== "Z";
}

/** When a process was killed and when the system had torn it down, in milliseconds of `performance.now()`. */
export interface Death {
  readonly killedAt: number;
  readonly goneAt: number;
}

/** SIGKILL for all of them at once; resolves when none runs any more. */
export async function killHard(...victims: readonly KnownProcess[]): Promise<Death> {
  const killedAt = performance.now();
  for (const victim of victims) process.kill(victim.pid, "SIGKILL");
  while (victims.some(isRunning)) await delay(1);
  return { killedAt, goneAt: performance.now() };
}
