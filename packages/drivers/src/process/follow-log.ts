// Follows a rotated log without losing or doubling a line: the open file is read to its end, also after it was renamed, and only then
// the files that came after it. Lines are lost only when the writer rotates a file away before its turn comes.
import { watch, type FSWatcher } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "@flyball/core";
import { closeLogFiles, openLogFiles, type LogFile } from "./log-files.ts";

const BLOCK_BYTES = 64 * 1024;
/** Notifications of the file system are best effort (containers, network file systems): the file is looked at this often anyway. */
const POLL_MS = 250;

/** Where to begin: the newest file of a tail, and the end of its last whole line; undefined when there was no file. */
export interface LogPosition {
  readonly file: LogFile | undefined;
  readonly offset: number;
}

/** Lines without their LF, from the position on, until the signal aborts. Closes the position's file. */
export async function* followLog(
  path: string,
  position: LogPosition,
  options: { readonly clock: Clock; readonly signal: AbortSignal },
): AsyncGenerator<string> {
  const { clock, signal } = options;
  const changes = createChangeWaiter(path, clock, signal);
  let { file: current, offset } = position;
  try {
    while (!signal.aborted) {
      const wasReplaced = (await inodeOf(path)) !== current?.inode;
      if (current) {
        const reader = readLines(current, offset);
        for (let next = await reader.next(); ; next = await reader.next()) {
          if (next.done) {
            offset = next.value;
            break;
          }
          yield next.value;
          if (signal.aborted) return;
        }
      }
      const next: LogFile | undefined = wasReplaced ? await openSuccessor(path, current) : undefined;
      if (next) {
        await current?.handle.close();
        current = next;
        offset = 0;
      } else {
        await changes.next();
      }
    }
  } finally {
    changes.close();
    if (current) await closeLogFiles([current]);
  }
}

/** Yields whole lines from the offset to the end of the file as it is now; returns the offset behind the last one. */
async function* readLines(file: LogFile, offset: number): AsyncGenerator<string, number> {
  let begin = offset;
  let rest: Buffer = Buffer.alloc(0);
  for (;;) {
    const block = Buffer.alloc(BLOCK_BYTES);
    const { bytesRead } = await file.handle.read(block, 0, BLOCK_BYTES, begin + rest.byteLength);
    if (bytesRead === 0) return begin;
    rest = Buffer.concat([rest, block.subarray(0, bytesRead)]);
    for (let feed = rest.indexOf(10); feed >= 0; feed = rest.indexOf(10)) {
      yield rest.subarray(0, feed).toString("utf8");
      rest = rest.subarray(feed + 1);
      begin += feed + 1;
    }
  }
}

/** The file written after the current one; the oldest there is when the current one was rotated away or there was none. */
async function openSuccessor(path: string, current: LogFile | undefined): Promise<LogFile | undefined> {
  const files = await openLogFiles(path);
  const index = files.findIndex((file) => file.inode === current?.inode);
  const successor = files[index + 1];
  await closeLogFiles(files.filter((file) => file !== successor));
  return successor;
}

async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ino;
  } catch {
    return undefined;
  }
}

interface ChangeWaiter {
  /** Resolves at the next change, at the next poll, or when the signal aborts. */
  next(): Promise<void>;
  close(): void;
}

function createChangeWaiter(path: string, clock: Clock, signal: AbortSignal): ChangeWaiter {
  let watcher: FSWatcher | undefined;
  let hasChanged = false;
  let wake: (() => void) | undefined;
  const notice = (): void => {
    hasChanged = true;
    wake?.();
  };
  const open = (): void => {
    if (watcher) return;
    try {
      watcher = watch(dirname(path), { persistent: false }, notice);
      watcher.on("error", () => {});
    } catch {
      // The folder is made with the first line, or there are no watches left: the poll goes on.
    }
  };
  signal.addEventListener("abort", notice, { once: true });
  open();
  return {
    async next() {
      open();
      if (!hasChanged && !signal.aborted) {
        const cancel = clock.after(POLL_MS, notice);
        await new Promise<void>((resolve) => (wake = resolve));
        cancel();
      }
      hasChanged = false;
      wake = undefined;
    },
    close() {
      signal.removeEventListener("abort", notice);
      watcher?.close();
    },
  };
}
