// What fake instances have printed, by tag, so that it goes on over restarts. Each tag keeps its newest 10,000 lines.
import type { LogLine } from "@flyball/core";

const KEPT_LINES = 10_000;

/** Lines by tag. */
export interface FakeOutput {
  add(tag: string, line: LogLine): void;
  lines(tag: string): readonly LogLine[];
  /** Calls back for each line until the answer is called. */
  onLine(listener: (tag: string, line: LogLine) => void): () => void;
}

/** Nothing was printed yet. */
export function createFakeOutput(): FakeOutput {
  const output = new Map<string, LogLine[]>();
  const listeners = new Set<(tag: string, line: LogLine) => void>();
  return {
    add(tag, line) {
      const lines = output.get(tag) ?? [];
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      output.set(tag, lines);
      for (const listener of listeners) listener(tag, line);
    },
    lines: (tag) => output.get(tag) ?? [],
    onLine(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
