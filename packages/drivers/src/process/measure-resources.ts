// CPU time and memory of all instances in one pass over /proc. A process belongs to an instance by its session, by its parent, or, when
// it left both on purpose, by the tag in its environment; that costly look is made once in the life of a process.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { INSTANCE_TAG_VARIABLE, type Clock, type ResourceUsage } from "@flyball/core";
import { parseProcessStat, type KeptProcess, type ProcessStat } from "@flyball/wire";
import { listProcesses } from "./session-members.ts";

/** Linux shows CPU time to programs in this unit on every machine (USER_HZ). */
const TICKS_PER_SECOND = 100;
const DEFAULT_PAGE_BYTES = 4_096;
const AUXV_PAGE_SIZE = 6n;

/** Measures instances; remembers the tags of the processes that it saw in its last pass. */
export interface ResourceMeter {
  /** One entry for each process given that runs. Resident memory counts pages that processes share once for each of them. */
  measure(instances: readonly KeptProcess[], signal: AbortSignal): Promise<readonly ResourceUsage[]>;
}

interface SeenProcess {
  readonly stat: ProcessStat;
  /** With that of children which have ended and were waited for, so the sum never falls when one ends. */
  readonly cpuTicks: number;
  /** undefined: not looked at yet; empty: it has none. */
  tag: string | undefined;
}

/** Looks below `procRoot`; off Linux the answer is empty. */
export function createResourceMeter(options: { readonly procRoot: string; readonly clock: Clock }): ResourceMeter {
  const { procRoot, clock } = options;
  let seenBefore: ReadonlyMap<number, SeenProcess> = new Map();
  let pageBytes: number | undefined;
  return {
    async measure(instances, signal) {
      signal.throwIfAborted();
      pageBytes ??= await readPageBytes(procRoot);
      const seen = await readProcesses(procRoot, seenBefore, signal);
      const owners = await findOwners(procRoot, seen, instances);
      seenBefore = seen;
      const sums = new Map<string, { ticks: number; pages: number }>();
      for (const [pid, { stat, cpuTicks }] of seen) {
        const owner = owners.get(pid);
        if (owner === undefined) continue;
        const sum = sums.get(owner) ?? { ticks: 0, pages: 0 };
        sums.set(owner, { ticks: sum.ticks + cpuTicks, pages: sum.pages + stat.rssPages });
      }
      const at = clock.now();
      const bytes = pageBytes;
      return [...sums].map(([handle, { ticks, pages }]) => ({
        handle,
        cpuSeconds: ticks / TICKS_PER_SECOND,
        rssBytes: pages * bytes,
        at,
      }));
    },
  };
}

async function readProcesses(
  procRoot: string,
  before: ReadonlyMap<number, SeenProcess>,
  signal: AbortSignal,
): Promise<Map<number, SeenProcess>> {
  const seen = new Map<number, SeenProcess>();
  for (const pid of await listProcesses(procRoot)) {
    signal.throwIfAborted();
    const line = await readOrEmpty(join(procRoot, String(pid), "stat"));
    const stat = parseProcessStat(line);
    if (!stat) continue;
    const earlier = before.get(pid);
    const tag = earlier?.stat.startTicks === stat.startTicks ? earlier.tag : undefined;
    seen.set(pid, { stat, cpuTicks: stat.cpuTicks + childTicks(line), tag });
  }
  return seen;
}

/** Fields 16 and 17 of /proc/<pid>/stat. */
function childTicks(line: string): number {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return Number(fields[13]) + Number(fields[14]);
}

/** The handle of the instance that each process belongs to. */
async function findOwners(
  procRoot: string,
  seen: ReadonlyMap<number, SeenProcess>,
  instances: readonly KeptProcess[],
): Promise<ReadonlyMap<number, string>> {
  const running = instances.filter((instance) => instance.state === "running");
  const leaders = new Map(running.map((instance) => [instance.identity.pid, instance]));
  const tags = new Map(running.map((instance) => [instance.tag, instance.key]));
  const earliest = Math.min(...running.map((instance) => instance.identity.startTicks));
  const owners = new Map<number, string>();
  for (const [pid, found] of seen) {
    if (found.stat.startTicks < earliest) continue;
    const ancestor = ownerByDescent(found, seen, leaders);
    if (ancestor !== undefined) owners.set(pid, ancestor);
    else {
      found.tag ??= await readTag(procRoot, pid);
      const owner = tags.get(found.tag);
      if (owner !== undefined) owners.set(pid, owner);
    }
  }
  return owners;
}

function ownerByDescent(
  process: SeenProcess,
  seen: ReadonlyMap<number, SeenProcess>,
  leaders: ReadonlyMap<number, KeptProcess>,
): string | undefined {
  const visited = new Set<number>();
  for (let current: SeenProcess | undefined = process; current; current = seen.get(current.stat.parentPid)) {
    const leader = leaders.get(current.stat.session) ?? leaders.get(current.stat.pid);
    if (leader) return leader.key;
    if (visited.has(current.stat.pid)) return undefined;
    visited.add(current.stat.pid);
  }
  return undefined;
}

async function readTag(procRoot: string, pid: number): Promise<string> {
  const prefix = `${INSTANCE_TAG_VARIABLE}=`;
  const variables = (await readOrEmpty(join(procRoot, String(pid), "environ"))).split("\0");
  return variables.find((variable) => variable.startsWith(prefix))?.slice(prefix.length) ?? "";
}

/** The auxiliary vector holds pairs of machine words; this machine's page size stands under AT_PAGESZ. Source: getauxval(3). */
async function readPageBytes(procRoot: string): Promise<number> {
  try {
    const vector = await readFile(join(procRoot, "self/auxv"));
    for (let offset = 0; offset + 16 <= vector.byteLength; offset += 16) {
      if (vector.readBigUInt64LE(offset) === AUXV_PAGE_SIZE) return Number(vector.readBigUInt64LE(offset + 8));
    }
  } catch {
    // No /proc, or no right to look: the usual size.
  }
  return DEFAULT_PAGE_BYTES;
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
