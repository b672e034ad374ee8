// The processes of a session. The keeper makes every instance the leader of a session of its own, so this is the instance without those of its
// descendants that left on purpose. Off Linux nothing is known.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseProcessStat, type ProcessStat } from "@flyball/wire";

/** true while a process of the session, whose number is its leader's pid, has not ended. */
export async function hasSessionMembers(procRoot: string, session: number): Promise<boolean> {
  for (const pid of await listProcesses(procRoot)) if (isMember(await readStat(procRoot, pid), session)) return true;
  return false;
}

/** The figures of all processes of the session that have not ended. */
export async function readSession(procRoot: string, session: number): Promise<readonly ProcessStat[]> {
  const stats = await Promise.all((await listProcesses(procRoot)).map((pid) => readStat(procRoot, pid)));
  return stats.filter((stat) => isMember(stat, session));
}

function isMember(stat: ProcessStat | undefined, session: number): stat is ProcessStat {
  return stat?.session === session && stat.state !== "Z" && stat.state !== "X";
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
