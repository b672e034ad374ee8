// What Linux says of a process in /proc, and the identity made of it. Off Linux there is no /proc and everything is unknown.
import { readFileSync } from "node:fs";
import { INSTANCE_TAG_VARIABLE, type ProcessIdentity } from "@flyball/core";

/** Fields of /proc/<pid>/stat. */
export interface ProcessStat {
  readonly pid: number;
  /** R, S, D, Z (ended, not yet collected) and so on. */
  readonly state: string;
  readonly parentPid: number;
  readonly session: number;
  /** CPU time in clock ticks, user and system together. */
  readonly cpuTicks: number;
  /** Start time in clock ticks since boot. */
  readonly startTicks: number;
  readonly rssPages: number;
}

/** Reads one line of /proc/<pid>/stat. The name in brackets may itself hold brackets and spaces. Source: proc_pid_stat(5). */
export function parseProcessStat(line: string): ProcessStat | undefined {
  const nameEnd = line.lastIndexOf(")");
  const fields = line.slice(nameEnd + 2).split(" ");
  if (nameEnd < 0 || fields.length < 22) return undefined;
  const number = (index: number): number => Number(fields[index - 3]);
  return {
    pid: Number.parseInt(line, 10),
    state: fields[0]!,
    parentPid: number(4),
    session: number(6),
    cpuTicks: number(14) + number(15),
    startTicks: number(22),
    rssPages: number(24),
  };
}

/** The process's figures; undefined when it is gone or may not be looked at. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  const line = readOrUndefined(`/proc/${pid}/stat`);
  return line === undefined ? undefined : parseProcessStat(line);
}

/** The tag in the environment that the process was started with; undefined when it has none or may not be looked at. */
export function readProcessTag(pid: number): string | undefined {
  const environment = readOrUndefined(`/proc/${pid}/environ`);
  if (environment === undefined) return undefined;
  const name = `${INSTANCE_TAG_VARIABLE}=`;
  const start = environment.startsWith(name) ? 0 : environment.indexOf(`\0${name}`) + 1;
  if (start === 0 && !environment.startsWith(name)) return undefined;
  const end = environment.indexOf("\0", start);
  return environment.slice(start + name.length, end < 0 ? undefined : end);
}

/** Changes with every boot; empty where it is not known. */
export function readBootId(): string {
  return readOrUndefined("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
}

/** The identity of a process that runs or was not yet collected; start ticks are 0 where they are not known. */
export function readProcessIdentity(pid: number): ProcessIdentity {
  return { pid, startTicks: readProcessStat(pid)?.startTicks ?? 0, bootId: readBootId() };
}

/** Whether exactly this process still runs. */
export function isProcessAlive(identity: ProcessIdentity): boolean {
  const stat = readProcessStat(identity.pid);
  return (
    stat !== undefined &&
    stat.startTicks === identity.startTicks &&
    stat.state !== "Z" &&
    stat.state !== "X" &&
    readBootId() === identity.bootId
  );
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
