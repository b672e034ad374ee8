// The lines of journal files as a test wants to see them.
import { readJournalLine, type JournalLine } from "@flyball/core";

/** Every whole line, in order; what is torn is left out. */
export function readLines(content: Buffer | string): readonly JournalLine[] {
  return content
    .toString()
    .split("\n")
    .flatMap((row) => readJournalLine(row) ?? []);
}

/** Requests of the reserve and settle lines, as `+r` and `-r`. */
export function storyOf(lines: readonly JournalLine[]): readonly string[] {
  return lines.flatMap((line) => {
    if (line.type === "reserve") return [`+${line.requestId}`];
    return line.type === "settle" ? [`-${line.record.requestId}`] : [];
  });
}

/** A record as it stands in a line, with nothing in it but its request. */
export function packedRecord(request: string): readonly unknown[] {
  const usage = Array.from({ length: 9 }, () => 0);
  return [request, 0, "", "", "", "", "", "", "", "", [], usage, 0, 0, 0, 0, 200, "answered", -1, 0, 0];
}
