// A log file bounded in size: `x.log` is renamed to `x.log.1` and so on. Whoever reads it follows over a rotation by reading the file
// that it has open to its end and then opening the name again. A file that cannot be written never stops the program that logs.
import { mkdir, open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";

/** A log that is appended to, in order. */
export interface RotatingLog {
  /** Takes one line with its LF. False: more than 1 MiB waits; wait for `flushed` before giving more. Beyond 4 MiB lines are dropped and counted. */
  append(line: string): boolean;
  /** Resolves when everything appended so far is written or given up. */
  flushed(): Promise<void>;
  /** Writes the rest and closes the file; a later line opens it again. */
  close(): Promise<void>;
}

/** Where and how much. The file is at most `maxBytes` long (one longer line excepted); `files` old ones are kept beside it. */
export interface RotatingLogOptions {
  readonly path: string;
  readonly maxBytes: number;
  readonly files: number;
  /** Lines are lost because the file cannot be written: called at the first loss, and with the sum once writing works again. */
  readonly onLoss: (lostLines: number, reason: string) => void;
}

const PAUSE_CHARACTERS = 1024 * 1024;
const DROP_CHARACTERS = 4 * PAUSE_CHARACTERS;
const BATCH_BYTES = 256 * 1024;
/** Lines wait this long for company: one write for each line would cost more than all else that the keeper does. */
const GATHER_MS = 50;

/** Creates a log. Its folder (0700) and file (0600) are made at the first line; an existing file is appended to. */
export function createRotatingLog(options: RotatingLogOptions): RotatingLog {
  const file = createBoundedFile(options);
  let waiting: string[] = [];
  let waitingCharacters = 0;
  let lostLines = 0;
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const lose = (count: number, reason: string): void => {
    if (lostLines === 0) options.onLoss(count, reason);
    lostLines += count;
  };
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const count = countThatFits(waiting, Math.min(BATCH_BYTES, file.room()));
      const batch = waiting.slice(0, count).join("");
      waiting = waiting.slice(count);
      waitingCharacters -= batch.length;
      try {
        // After a loss the file may end inside a line.
        await file.write(Buffer.from(lostLines > 0 ? `\n${batch}` : batch));
        if (lostLines > 0) options.onLoss(lostLines, "writing works again");
        lostLines = 0;
      } catch (error) {
        lose(count, (error as NodeJS.ErrnoException).code ?? String(error));
        await file.close();
      }
    }
    writing = undefined;
  };
  const startDrain = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length > 0) writing ??= drain();
  };
  const flushed = (): Promise<void> => {
    startDrain();
    return writing?.then(flushed) ?? Promise.resolve();
  };
  return {
    append(line) {
      if (waitingCharacters > DROP_CHARACTERS) lose(1, "the file is written too slowly");
      else {
        waiting.push(line);
        waitingCharacters += line.length;
        timer ??= setTimeout(startDrain, GATHER_MS).unref();
      }
      return waitingCharacters < PAUSE_CHARACTERS;
    },
    flushed,
    async close() {
      await flushed();
      await file.close();
    },
  };
}

interface BoundedFile {
  /** Bytes until the file is full; all of `maxBytes` when it is full or not open. */
  room(): number;
  write(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

function createBoundedFile({ path, maxBytes, files }: RotatingLogOptions): BoundedFile {
  let handle: FileHandle | undefined;
  let size = 0;
  const close = async (): Promise<void> => {
    const closing = handle;
    handle = undefined;
    await closing?.close().catch(() => undefined);
  };
  return {
    room: () => (handle && size < maxBytes ? maxBytes - size : maxBytes),
    async write(bytes) {
      if (!handle) {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        handle = await open(path, "a", 0o600);
        size = (await handle.stat()).size;
      }
      if (size > 0 && size + bytes.length > maxBytes) {
        await close();
        await rotate(path, files);
        handle = await open(path, "a", 0o600);
        size = 0;
      }
      size += bytes.length;
      await handle.appendFile(bytes);
    },
    close,
  };
}

async function rotate(path: string, files: number): Promise<void> {
  await rm(`${path}.${files}`, { force: true });
  for (let number = files - 1; number >= 0; number -= 1) {
    const from = number === 0 ? path : `${path}.${number}`;
    await rename(from, `${path}.${number + 1}`).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
  if (files === 0) await rm(path, { force: true });
}

function countThatFits(lines: readonly string[], bytes: number): number {
  let count = 0;
  let sum = 0;
  for (const line of lines) {
    sum += Buffer.byteLength(line);
    if (sum > bytes && count > 0) break;
    count += 1;
  }
  return count;
}
