// Brings a process's output into its log. Whatever the process or the disk does, at most a line and a megabyte are held for it; a process
// that writes faster than the disk takes waits at its pipe, as it would before a terminal.
import type { Readable } from "node:stream";
import type { Clock } from "@flyball/core";
import { createLineSplitter } from "../line-splitter.ts";
import { CONTINUATION_MARK, formatLogLine, MAX_LOG_TEXT_BYTES } from "./log-line.ts";
import type { RotatingLog } from "./rotating-log.ts";

/** Writes each line of the stream to the log. The function that is returned writes a begun line too; so does the end of the stream. */
export function captureLines(
  stream: Readable,
  mark: "o" | "e",
  target: { clock: Clock; log: RotatingLog },
): () => void {
  const { clock, log } = target;
  let prefix = "";
  let hasRoom = true;
  const write = (line: Buffer, isCut: boolean): void => {
    hasRoom = log.append(formatLogLine(clock.now(), mark, prefix + line.toString("utf8")));
    prefix = isCut ? CONTINUATION_MARK : "";
  };
  const splitter = createLineSplitter({ maxLineBytes: MAX_LOG_TEXT_BYTES, onLine: write });
  const flush = (): void => {
    const rest = splitter.flush();
    if (rest.length > 0) write(rest, false);
  };
  stream.on("data", (chunk: Buffer) => {
    splitter.push(chunk);
    if (hasRoom) return;
    stream.pause();
    void log.flushed().then(() => stream.resume());
  });
  // The other end broke off: what came before is written, and `close` follows.
  stream.on("error", () => {});
  stream.once("close", flush);
  return flush;
}
