// Opens what `flyball simulate` replays: one file in any of the known formats, packed or not, or a folder with the gateway's journals. What a file
// is, its first line says; its name decides nothing.
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { JOURNAL_SUFFIX } from "@flyball/core";
import { parseTrace, type Trace, type TraceProblem } from "@flyball/sim";
import { usageError } from "../messages/localised-error.ts";

/** One file's text under the name that a person typed. */
interface TraceText {
  readonly name: string;
  readonly text: string;
}

/** Most bytes of text that are taken in; a trace of a day has some hundred megabytes. */
const MAX_BYTES = 1_024 ** 3;

/** Reads and parses it. FB_CLI_USAGE when it cannot be read; rows that cannot be used stand in the trace's problems. */
export async function openTrace(path: string, workingDirectory: string): Promise<Trace> {
  const texts = await readTexts(path, resolve(workingDirectory, path));
  const joined = texts.map(wholeLines);
  const text = joined.join("");
  const trace = parseTrace(isTable(text) ? "trace.csv" : "trace.jsonl", text);
  const starts = lineStarts(joined);
  return { ...trace, name: basename(path), problems: trace.problems.map((problem) => placeOf(problem, texts, starts)) };
}

async function readTexts(name: string, path: string): Promise<readonly TraceText[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [{ name, text: await readText(path) }];
    const files = (await readdir(path)).filter((file) => file.endsWith(JOURNAL_SUFFIX)).toSorted();
    if (files.length === 0) throw usageError("simulate.no-journals", { path: name }, "flyball simulate --help");
    return await Promise.all(
      files.map(async (file) => ({ name: join(name, file), text: await readText(join(path, file)) })),
    );
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "FB_CLI_USAGE") throw error;
    if (code === "ENOENT") throw usageError("simulate.not-found", { path: name }, "flyball simulate --help");
    throw usageError("simulate.unreadable", { path: name, reason: message }, "flyball simulate --help");
  }
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path);
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = (isPacked ? gunzipSync(bytes, { maxOutputLength: MAX_BYTES }) : bytes).toString("utf8");
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** A journal that is being written ends with a torn line, which is no mistake of anybody; in other files it is. */
function wholeLines({ name, text }: TraceText): string {
  if (text === "" || text.endsWith("\n")) return text;
  return name.endsWith(JOURNAL_SUFFIX) ? text.slice(0, text.lastIndexOf("\n") + 1) : `${text}\n`;
}

/** Tables begin with a row of names; JSON lines and journals have a brace in the first line. */
function isTable(text: string): boolean {
  const [first = ""] = text.slice(0, 10_000).split("\n", 1);
  return !first.includes("{");
}

/** For each text the number of lines before it. */
function lineStarts(texts: readonly string[]): readonly number[] {
  let lines = 0;
  return texts.map((text) => {
    const start = lines;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines += 1;
    return start;
  });
}

function placeOf(problem: TraceProblem, texts: readonly TraceText[], starts: readonly number[]): TraceProblem {
  const index = Math.max(
    0,
    starts.findLastIndex((start) => start < problem.line),
  );
  return { ...problem, file: texts[index]?.name ?? problem.file, line: problem.line - (starts[index] ?? 0) };
}
