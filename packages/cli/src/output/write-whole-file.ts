// Puts a text on the disk whole or not at all, so that an interruption never leaves half a page or half a manifest.
import { accessSync, chmodSync, constants, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { usageError } from "../messages/localised-error.ts";

const HELP = "flyball simulate --help";

/** Writes it; a file that was there keeps its mode. FB_CLI_USAGE, with the command that explains itself, when the place cannot be written. */
export function writeWholeFile(path: string, workingDirectory: string, text: string, help = HELP): void {
  const target = resolve(workingDirectory, path);
  const draft = `${target}.${process.pid}.tmp`;
  try {
    const before = statSync(target, { throwIfNoEntry: false });
    writeFileSync(draft, text);
    if (before !== undefined) chmodSync(draft, before.mode & 0o777);
    renameSync(draft, target);
  } catch (error) {
    removeDraft(draft);
    throw unwritable(path, error, help);
  }
}

/** Whether it could be written as things stand, asked before the work that would be lost. FB_CLI_USAGE when not. */
export function checkWritable(path: string, workingDirectory: string): void {
  const target = resolve(workingDirectory, path);
  try {
    accessSync(dirname(target), constants.W_OK);
    if (statSync(target, { throwIfNoEntry: false })?.isDirectory() === true) throw new Error("EISDIR: it is a folder");
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Why it could not be written is told already. */
function removeDraft(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {
    // The folder cannot be changed at all.
  }
}

function unwritable(path: string, error: unknown, help = HELP): Error {
  return usageError("simulate.unwritable", { path, reason: (error as Error).message }, help);
}
