// Whether every numbered line of services/numbers.mjs was kept: each number from 1 on, exactly once, in order, for each process.
import { parseLogLine } from "@flyball/wire";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the lines of one process say. */
export interface NumberedRun {
  readonly pid: string;
  /** The highest number. */
  readonly last: number;
  /** What the process said at its end that its last number was. */
  readonly announced?: number;
}

/** Checks the lines of one place, oldest first; throws at the first gap, doubled or misplaced number. */
export function checkNumberedLines(place: string, texts: readonly string[]): readonly NumberedRun[] {
  const runs = new Map<string, { last: number; announced?: number }>();
  for (const text of texts) {
    const [pid = "", number = "", more = ""] = text.split(" ", 3);
    if (!/^\d+$/.test(pid)) throw new Error(`${place}: not a numbered line: ${text.slice(0, 80)}`);
    const run = runs.get(pid) ?? { last: 0 };
    runs.set(pid, run);
    if (number === "last") run.announced = Number(more);
    else if (Number(number) !== run.last + 1)
      throw new Error(`${place}: ${number} of process ${pid} follows ${run.last}`);
    else run.last = Number(number);
  }
  return [...runs].map(([pid, run]) => ({ pid, ...run }));
}

/** The texts of a place in the log files themselves, the rotated ones first; also how many files there are. */
export function readLogFiles(
  stateFolder: string,
  service: string,
  ordinal: number,
): { readonly texts: readonly string[]; readonly files: number } {
  const folder = join(stateFolder, "logs", service);
  const ageOf = (name: string): number => Number(name.split(".log.")[1] ?? 0);
  const names = readdirSync(folder)
    .filter((name) => name === `${ordinal}.log` || name.startsWith(`${ordinal}.log.`))
    .toSorted((a, b) => ageOf(b) - ageOf(a));
  const lines = names.flatMap((name) =>
    readFileSync(join(folder, name), "utf8")
      .split("\n")
      .filter((line) => line !== ""),
  );
  const texts = lines.map((line) => {
    const parsed = parseLogLine(line);
    if (parsed === undefined) throw new Error(`${service}/${ordinal}: not a log line: ${line.slice(0, 80)}`);
    return parsed.text;
  });
  return { texts, files: names.length };
}
