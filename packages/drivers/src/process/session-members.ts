// Whether processes of a session are left. The keeper makes every instance the leader of a session of its own, so this is the instance
// without those of its descendants that left on purpose.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseProcessStat, type ProcessStat } from "@flyball/wire";

/** true while a process of the session, whose number is its leader's pid, has not ended. Off Linux nothing is known: false. */
export async function hasSessionMembers(procRoot: string, session: number): Promise<boolean> {
  for (const pid of await listProcesses(procRoot)) {
    const stat = await readStat(procRoot, pid);
    if (stat?.session === session && stat.state !== "Z" && stat.state !== "X") return true;
  }
  return false;
}

/** The numbers of all processes. */
export async function listProcesses(procRoot: string): Promise<readonly number[]> {
  try {
    return (await readdir(procRoot)).map(Number).filter((pid) => pid > 0);
  } catch {
    return [];
  }
}

async function readStat(procRoot: string, pid: number): Promise<ProcessStat | undefined> {
  try {
    return parseProcessStat(await readFile(join(procRoot, String(pid), "stat"), "utf8"));
  } catch {
    return undefined;
  }
}
