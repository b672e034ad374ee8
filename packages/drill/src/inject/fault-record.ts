// What is written down before a fault is made: how it is taken back. Whoever finds the record can undo the fault: the drill, its lease
// keeper, or the next drill.
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ProcessIdentity } from "@flyball/core";
import { replaceFile } from "@flyball/wire";

/** One thing to be done, harmless when it was done already. */
export type UndoStep =
  /** SIGCONT. */
  | { readonly undo: "continue"; readonly processes: readonly ProcessIdentity[] }
  /** The bounds of a resource as they were (prlimit). */
  | {
      readonly undo: "limit";
      readonly process: ProcessIdentity;
      readonly resource: "as" | "nofile";
      readonly soft: string;
    }
  /** A chain of rules of the packet filter, with the jumps to it. */
  | { readonly undo: "chain"; readonly program: "iptables" | "ip6tables"; readonly chain: string };

/** A fault in force. */
export interface FaultRecord {
  readonly id: string;
  readonly fault: string;
  /** Who made it; when it is gone, the fault is undone. */
  readonly owner: ProcessIdentity;
  /** Wall milliseconds. */
  readonly until: number;
  readonly steps: readonly UndoStep[];
}

/** Writes a record (0600) whole or not at all; answers its path. */
export async function writeRecord(folder: string, record: FaultRecord): Promise<string> {
  const path = join(folder, `${record.id}.json`);
  await replaceFile(path, JSON.stringify(record), { flush: true });
  return path;
}

/** The record of a file; undefined when it is gone or was never whole. */
export async function readRecord(path: string): Promise<FaultRecord | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as FaultRecord;
  } catch {
    return undefined;
  }
}

/** Paths of all records of a folder. */
export async function listRecords(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith(".json")).map((name) => join(folder, name));
}

/** Removes a record once its steps are done. */
export function removeRecord(path: string): Promise<void> {
  return rm(path, { force: true });
}
