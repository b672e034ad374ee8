// The files of one rotated log: `x.log` is the newest, `x.log.1` the one before it. They are opened from the newest on: a rotation in
// between then shows one file twice, which is seen by its inode, and never hides one.
import { open, type FileHandle } from "node:fs/promises";

/** A log file that is open. Its inode stays while it is open, whatever it is called by now. */
export interface LogFile {
  readonly handle: FileHandle;
  readonly inode: number;
  /** When it was opened. */
  readonly sizeBytes: number;
}

/** Old files that are looked for. The writer keeps fewer. */
const MAX_OLD_FILES = 16;

/** Opens what there is, oldest first; empty when there is nothing yet. The caller closes them. */
export async function openLogFiles(path: string): Promise<readonly LogFile[]> {
  const files: LogFile[] = [];
  for (let age = 0; age <= MAX_OLD_FILES; age++) {
    const file = await openLogFile(age === 0 ? path : `${path}.${age}`);
    if (!file && age > 0) break;
    if (!file) continue;
    if (files.some((other) => other.inode === file.inode)) await file.handle.close();
    else files.unshift(file);
  }
  return files;
}

/** Closes all; a file that is closed already is none of its business. */
export async function closeLogFiles(files: readonly LogFile[]): Promise<void> {
  await Promise.allSettled(files.map((file) => file.handle.close()));
}

async function openLogFile(path: string): Promise<LogFile | undefined> {
  try {
    const handle = await open(path, "r");
    const { ino: inode, size: sizeBytes } = await handle.stat();
    return { handle, inode, sizeBytes };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
