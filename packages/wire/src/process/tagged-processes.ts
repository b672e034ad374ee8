// Finds and ends every process of a tag. The tag is in the environment, so npm → sh → node → setsid is found at every step. A program that
// overwrites its environment to show a title (nginx, PostgreSQL) hides the tag; descent from, and the session of, a known process find it.
import { readdirSync, statSync } from "node:fs";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import type { ProcessIdentity } from "@flyball/core";
import { keeperFailed } from "../keeper/keeper-failure.ts";
import { readProcessStat, readProcessTag, type ProcessStat } from "./process-stat.ts";

/** A process that belongs to a tag. */
export interface TaggedProcess {
  readonly stat: ProcessStat;
  /** Absent when its environment does not show it. */
  readonly tag?: string;
}

/** Which processes to look for. */
export interface TagQuery {
  /** Exactly this tag, or every tag below it when it ends in `/`. */
  readonly tag: string;
  /** Processes known to belong to it: they, their descendants and their sessions are taken too. */
  readonly roots?: readonly ProcessIdentity[];
  /** Never taken. The calling process is always excluded. */
  readonly excludedPids?: readonly number[];
}

/** Whether a tag is the one asked for, or below it when that one ends in `/`. */
export function matchesTag(wanted: string, tag: string): boolean {
  return tag === wanted || (wanted.endsWith("/") && tag.startsWith(wanted));
}

/** The tag; throws FB_KEEPER_FAILED when it is not below the prefix, which would be another app's. */
export function checkTag(prefix: string, tag: string): string {
  if (!tag.startsWith(prefix)) throw keeperFailed("tag", `${tag} is not below ${prefix}`);
  return tag;
}

/** Looks at every process of this user. Yields to the event loop every 256 processes. A process with another tag is never taken. */
export async function findTaggedProcesses(query: TagQuery): Promise<TaggedProcess[]> {
  const { tag, roots = [], excludedPids = [] } = query;
  const excluded = new Set([process.pid, ...excludedPids]);
  const untagged: ProcessStat[] = [];
  const found = new Map<number, TaggedProcess>();
  const pids = listOwnPids();
  for (const [index, pid] of pids.entries()) {
    if (index % 256 === 255) await nextTurn();
    if (excluded.has(pid)) continue;
    const before = readProcessStat(pid);
    const seen = readProcessTag(pid);
    const stat = readProcessStat(pid);
    if (!stat || stat.state === "Z" || stat.startTicks !== before?.startTicks) continue;
    if (seen === undefined) untagged.push(stat);
    else if (matchesTag(tag, seen)) found.set(pid, { stat, tag: seen });
  }
  const sessions = new Set(roots.filter(isItselfOrGone).map((root) => root.pid));
  takeRelated(untagged, found, sessions);
  return [...found.values()];
}

/** What a sweep did. `left` is empty unless the time ran out. */
export interface SweepResult {
  readonly killed: readonly number[];
  readonly left: readonly number[];
}

/** SIGKILL for everything that the query finds, again and again until a look finds none, at most for `limitMs` (2 s unless set). */
export async function sweepTaggedProcesses(query: TagQuery, limitMs = 2_000): Promise<SweepResult> {
  const killed = new Set<number>();
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await findTaggedProcesses(query);
    if (found.length === 0) return { killed: [...killed], left: [] };
    for (const { stat } of found) {
      if (readProcessStat(stat.pid)?.startTicks !== stat.startTicks) continue;
      killed.add(stat.pid);
      tryKill(stat.pid);
    }
    if (performance.now() > deadline) return { killed: [...killed], left: found.map(({ stat }) => stat.pid) };
    await delay(5);
  }
}

function takeRelated(
  untagged: readonly ProcessStat[],
  found: Map<number, TaggedProcess>,
  sessions: ReadonlySet<number>,
): void {
  for (let isGrowing = true; isGrowing;) {
    isGrowing = false;
    for (const stat of untagged) {
      if (found.has(stat.pid) || !(found.has(stat.parentPid) || sessions.has(stat.session))) continue;
      found.set(stat.pid, { stat });
      isGrowing = true;
    }
  }
}

/** The number of a process that is gone stays reserved for as long as its session has members, so it cannot mean another. */
function isItselfOrGone(root: ProcessIdentity): boolean {
  const stat = readProcessStat(root.pid);
  return stat === undefined || stat.startTicks === root.startTicks;
}

function listOwnPids(): number[] {
  const userId = process.getuid?.();
  try {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 0 && isOwnedBy(pid, userId));
  } catch {
    return [];
  }
}

function isOwnedBy(pid: number, userId: number | undefined): boolean {
  try {
    return statSync(`/proc/${pid}`).uid === userId;
  } catch {
    return false;
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended between the look and the signal.
  }
}
