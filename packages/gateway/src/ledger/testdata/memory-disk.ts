// A disk in memory that a test can stop, fill and tear.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JournalDisk } from "../journal-disk.ts";

type Done = (error: Error | null, written: number) => void;

/** The disk. Writes wait until the test lets them happen, unless it is open. */
export interface MemoryDisk extends JournalDisk {
  readonly files: Map<string, Buffer>;
  readonly waiting: number;
  /** Lets the oldest write happen: all of it, or so many bytes, or not at all with an error. */
  finish(how?: { readonly bytes?: number; readonly error?: Error }): void;
  /** From now on every write happens at once. */
  open(): void;
  /** Puts the files into a folder as a crash leaves them: the write that waits has reached the file up to `bytes`. */
  crashInto(folder: string, bytes: number): void;
}

/** An empty disk on which writes wait. */
export function createMemoryDisk(isOpen = false): MemoryDisk {
  const files = new Map<string, Buffer>();
  const queue: { readonly name: string; readonly bytes: Buffer; readonly done: Done }[] = [];
  let isAtOnce = isOpen;
  const put = (name: string, bytes: Buffer): void => {
    files.set(name, Buffer.concat([files.get(name) ?? Buffer.alloc(0), bytes]));
  };
  const finish: MemoryDisk["finish"] = ({ bytes, error } = {}) => {
    const next = queue.shift();
    if (!next) throw new Error("no write waits");
    const written = error ? 0 : Math.min(bytes ?? next.bytes.length, next.bytes.length);
    put(next.name, next.bytes.subarray(0, written));
    next.done(error ?? null, written);
  };
  return {
    files,
    get waiting() {
      return queue.length;
    },
    create(name) {
      if (files.has(name)) throw new Error(`EEXIST ${name}`);
      files.set(name, Buffer.alloc(0));
      return {
        append(bytes, offset, done) {
          queue.push({ name, bytes: bytes.subarray(offset), done });
          if (isAtOnce) finish();
        },
        close: () => undefined,
      };
    },
    finish,
    open() {
      isAtOnce = true;
      while (queue.length > 0) finish();
    },
    crashInto(folder, bytes) {
      const [torn] = queue;
      if (torn) put(torn.name, torn.bytes.subarray(0, bytes));
      for (const [name, content] of files) writeFileSync(join(folder, name), content);
    },
  };
}
