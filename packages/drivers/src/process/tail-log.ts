// The last lines of a rotated log, read backwards, so that a long log costs no more than what is shown of it.
import type { LogFile } from "./log-files.ts";

const BLOCK_BYTES = 64 * 1024;
const LINE_FEED = 10;

/** Lines without their LF, oldest first, and where the newest file's last whole line ends: following goes on from there. */
export interface LogTail {
  readonly lines: readonly string[];
  readonly endOffset: number;
}

/** The last `count` whole lines over all files (oldest file first). A line that is only half written is left for later. */
export async function tailLog(files: readonly LogFile[], count: number): Promise<LogTail> {
  let lines: string[] = [];
  let endOffset = 0;
  for (const [index, file] of files.toReversed().entries()) {
    const end = await endOfLastLine(file);
    if (index === 0) endOffset = end;
    const missing = count - lines.length;
    if (missing <= 0) break;
    lines = [...(await lastLines(file, end, missing)), ...lines];
  }
  return { lines, endOffset };
}

async function endOfLastLine(file: LogFile): Promise<number> {
  for (let end = file.sizeBytes; end > 0; end -= BLOCK_BYTES) {
    const start = Math.max(0, end - BLOCK_BYTES);
    const at = (await readRange(file, start, end)).lastIndexOf(LINE_FEED);
    if (at >= 0) return start + at + 1;
  }
  return 0;
}

async function lastLines(file: LogFile, end: number, count: number): Promise<readonly string[]> {
  const blocks: Buffer[] = [];
  let feeds = 0;
  for (let position = end; position > 0 && feeds <= count;) {
    const start = Math.max(0, position - BLOCK_BYTES);
    const block = await readRange(file, start, position);
    for (const byte of block) if (byte === LINE_FEED) feeds++;
    blocks.unshift(block);
    position = start;
  }
  const text = Buffer.concat(blocks).toString("utf8");
  return text === "" ? [] : text.slice(0, -1).split("\n").slice(-count);
}

async function readRange(file: LogFile, start: number, end: number): Promise<Buffer> {
  const buffer = Buffer.alloc(end - start);
  const { bytesRead } = await file.handle.read(buffer, 0, buffer.byteLength, start);
  return buffer.subarray(0, bytesRead);
}
