// Log lines from control as they come: NDJSON, one LogLine a line, so that `logs -f` shows a line at once.
import type { LogLine } from "@flyball/core";
import { createLineSplitter } from "@flyball/wire";
import { type ControlAddress, openControlStream, unreachable } from "./control-call.ts";
import type { LogQuery } from "./log-query.ts";
import { queryPath } from "./query-path.ts";

/** A line of this size is a defect of the sender; the stream is given up. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** Yields the lines; leaving the loop closes the connection. */
export async function* readLogLines(
  address: ControlAddress,
  query: LogQuery & { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<LogLine, void, void> {
  const { service, instance, tail, follow, timeoutMs, signal } = query;
  const path = queryPath("/v1/logs", { service, instance, tail, follow });
  const stream = await openControlStream(address, { method: "GET", path, timeoutMs, signal });
  let ready: LogLine[] = [];
  let hasOverflown = false;
  const splitter = createLineSplitter({
    maxLineBytes: MAX_LINE_BYTES,
    onLine: (line) => void (line.length > 0 && ready.push(JSON.parse(line.toString("utf8")) as LogLine)),
    onOverflow: () => (hasOverflown = true),
  });
  try {
    for await (const chunk of stream.body as AsyncIterable<Buffer>) {
      splitter.push(chunk);
      const lines = ready;
      ready = [];
      yield* lines;
      if (hasOverflown) throw new Error(`a log line is longer than ${MAX_LINE_BYTES} bytes`);
    }
  } catch (error) {
    if (signal?.aborted !== true) throw unreachable(address.url, error);
  } finally {
    stream.close();
  }
}
