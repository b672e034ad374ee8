// Small files of Flyball itself: written beside their place and renamed, so that a reader, and whoever starts after a kill −9 or on a disk
// that was full, sees the old content or the new and never a part. Every such file of an app is written here and nowhere else.
import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FlyballError } from "@flyball/core";

/** How it is written. */
export interface ReplaceFileOptions {
  /** On the disk itself before it takes its place, so that a loss of power does not leave it empty. Costs a wait for the disk. */
  readonly flush?: boolean;
}

const PRIVATE = 0o600;
const PRIVATE_FOLDER = 0o700;
const UNFINISHED = /\.(\d+)\.[0-9a-f]{8}\.unfinished$/;

/**
 * Writes it in one step, for this user alone (0600); its folder (0700) is made when it is missing. Of two writers at once one has the last
 * word, whole. FB_STATE_UNWRITABLE.
 */
export async function replaceFile(path: string, content: string, options: ReplaceFileOptions = {}): Promise<void> {
  const draft = draftOf(path);
  try {
    await mkdir(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
    await writeFile(draft, content, { mode: PRIVATE, flush: options.flush ?? false });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw unwritable(path, error);
  }
}

/** The same without leaving the turn. */
export function replaceFileSync(path: string, content: string, options: ReplaceFileOptions = {}): void {
  inPlace(path, content, options, (draft) => renameSync(draft, path));
}

/** Makes a file that is not there yet, whole; false when there was one, which is left as it is. FB_STATE_UNWRITABLE. */
export function createFileSync(path: string, content: string, options: ReplaceFileOptions = {}): boolean {
  return inPlace(path, content, options, (draft) => {
    try {
      linkSync(draft, path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      return false;
    } finally {
      removeDraft(draft);
    }
  });
}

/** Removes what writers that are gone have left unfinished in a folder. To be called where nobody needs it: it is only about room. */
export function sweepUnfinished(folder: string): void {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return;
  }
  for (const name of names) {
    const writer = UNFINISHED.exec(name)?.[1];
    if (writer !== undefined && !isRunning(Number(writer))) removeDraft(join(folder, name));
  }
}

function inPlace<T>(
  path: string,
  content: string,
  { flush = false }: ReplaceFileOptions,
  put: (draft: string) => T,
): T {
  const draft = draftOf(path);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
    writeFileSync(draft, content, { mode: PRIVATE, flush });
    return put(draft);
  } catch (error) {
    removeDraft(draft);
    throw unwritable(path, error);
  }
}

/** Left to the sweep where it cannot be removed. */
function removeDraft(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {
    // The disk says no to everything, which is told already.
  }
}

/** Beside its place, as a rename does not leave the file system. The process stands in the name: a draft whose writer is gone is swept. */
function draftOf(path: string): string {
  return `${path}.${process.pid}.${randomBytes(4).toString("hex")}.unfinished`;
}

/** The system's reason without the call and the name of the draft, which is another one each time. */
function unwritable(path: string, cause: unknown): FlyballError {
  const reason = (cause instanceof Error ? cause.message : String(cause)).split(", ")[0];
  return new FlyballError("FB_STATE_UNWRITABLE", { path, reason }, cause);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
