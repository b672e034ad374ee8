// The folder of a drill's copy of an app. Its name says which process it belongs to, so that a drill finds those of drills that were killed:
// it takes back what they did, ends what they left and removes them.
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sweepFaults } from "@flyball/drill";
import { isProcessAlive, readBootId, readProcessIdentity } from "@flyball/wire";
import { endLeftovers } from "../app/tagged-processes.ts";

const PREFIX = "fb-drill-";
const NAME = /^fb-drill-([0-9a-z]+)-([0-9a-z]+)-/;
const RADIX = 36;

/** Makes one for this process; 0700. */
export function makeCopyFolder(): string {
  const { pid, startTicks } = readProcessIdentity(process.pid);
  return mkdtempSync(join(tmpdir(), `${PREFIX}${pid.toString(RADIX)}-${startTicks.toString(RADIX)}-`));
}

/** Clears away what drills of this user left that do not run any more. A folder whose fault cannot be taken back stays, with its record. */
export async function sweepCopyFolders(now: number): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const [, pid, startTicks] = NAME.exec(name) ?? [];
    if (pid === undefined || startTicks === undefined) continue;
    const root = join(tmpdir(), name);
    const owner = { pid: Number.parseInt(pid, RADIX), startTicks: Number.parseInt(startTicks, RADIX) };
    if (isProcessAlive({ ...owner, bootId: readBootId() }) || !isOwn(root)) continue;
    await sweepOne(root, now);
  }
}

async function sweepOne(root: string, now: number): Promise<void> {
  let isClean = true;
  for (const tag of readdirSync(root)) {
    const dot = tag.lastIndexOf(".");
    if (dot < 0 || !statSync(join(root, tag), { throwIfNoEntry: false })?.isDirectory()) continue;
    const swept = await sweepFaults(join(root, tag, "faults"), now);
    isClean &&= swept.every(({ failure }) => failure === undefined);
    await endLeftovers(tag.slice(0, dot), tag.slice(dot + 1));
  }
  if (isClean) rmSync(root, { recursive: true, force: true });
}

function isOwn(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === process.getuid?.();
}
