// Limits of a running process, through prlimit(1) of util-linux. Only the soft one is changed, so it can be raised again without root.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Address space, open files. */
export type LimitedResource = "as" | "nofile";

/** The soft limit as prlimit writes it: a number or `unlimited`. Rejects when the program is missing or may not look. */
export async function readSoftLimit(pid: number, resource: LimitedResource): Promise<string> {
  const { stdout } = await run("prlimit", [`--pid=${pid}`, `--${resource}`, "--output=SOFT", "--noheadings", "--raw"]);
  return stdout.trim();
}

/** Sets it; the hard one stays. */
export async function setSoftLimit(pid: number, resource: LimitedResource, soft: string): Promise<void> {
  await run("prlimit", [`--pid=${pid}`, `--${resource}=${soft}:`]);
}
