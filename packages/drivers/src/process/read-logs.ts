// The output of an instance as lines: the last ones, then each new one when asked to follow.
import { join } from "node:path";
import { FlyballError, type LogLine } from "@flyball/core";
import { parseLogLine } from "@flyball/wire";
import type { LogOptions } from "../v1/driver.ts";
import { followLog } from "./follow-log.ts";
import { parseHandle } from "./instance-handle.ts";
import { closeLogFiles, openLogFiles } from "./log-files.ts";
import type { ProcessContext } from "./process-context.ts";
import { logPath } from "./start-instance.ts";
import { tailLog } from "./tail-log.ts";

/** See `Driver.logs`. A line of the file that is not in the log's form is left out. */
export async function* readLogs(
  context: Pick<ProcessContext, "app" | "clone" | "layout" | "clock">,
  handle: string,
  options: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const place = parseHandle(handle, context.app, context.clone);
  if (!place) throw new FlyballError("FB_DRIVER_UNKNOWN_INSTANCE", { handle });
  const instance = `${place.service}/${place.ordinal}`;
  const path = join(context.layout.logs, logPath(place.service, place.ordinal));
  for await (const text of readLines(path, options, { clock: context.clock, signal })) {
    const line = parseLogLine(text);
    if (line) yield { at: line.at, instance, stream: line.stream, text: line.text };
  }
}

async function* readLines(
  path: string,
  options: LogOptions,
  follow: { readonly clock: ProcessContext["clock"]; readonly signal: AbortSignal },
): AsyncGenerator<string> {
  const files = await openLogFiles(path);
  const newest = files.at(-1);
  let isHandedOver = false;
  try {
    const tail = await tailLog(files, options.tail);
    for (const line of tail.lines) {
      if (follow.signal.aborted) return;
      yield line;
    }
    if (!options.isFollowing || follow.signal.aborted) return;
    isHandedOver = true;
    await closeLogFiles(files.slice(0, -1));
    yield* followLog(path, { file: newest, offset: tail.endOffset }, follow);
  } finally {
    if (!isHandedOver) await closeLogFiles(files);
  }
}
