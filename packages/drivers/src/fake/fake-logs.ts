// Reads the output of fake instances in the way of a real driver: the last lines first, then each new one until the signal aborts.
import type { LogLine } from "@flyball/core";
import type { LogOptions } from "../v1/driver.ts";
import type { FakeTarget } from "./fake-target.ts";

/** Lines that wait for a slow reader; the oldest is dropped beyond. */
const WAITING_LINES = 10_000;

/** The lines of one tag, oldest first. */
export async function* followFakeLogs(
  target: FakeTarget,
  tag: string,
  options: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const waiting: LogLine[] = options.tail > 0 ? target.output.lines(tag).slice(-options.tail) : [];
  let wake: (() => void) | undefined;
  const onAbort = (): void => wake?.();
  const unsubscribe = target.output.onLine((from, line) => {
    if (from !== tag || !options.isFollowing) return;
    waiting.push(line);
    if (waiting.length > WAITING_LINES) waiting.shift();
    wake?.();
  });
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    while (!signal.aborted) {
      const line = waiting.shift();
      if (line) yield line;
      else if (!options.isFollowing) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    unsubscribe();
    signal.removeEventListener("abort", onAbort);
  }
}
