// The form of a line in an instance's log file: `<ISO time> o|e <text>`. The keeper writes it, drivers read it.

/** The longest text of a line; a longer one is cut, and each further part begins with the continuation mark. */
export const MAX_LOG_TEXT_BYTES = 64 * 1024;
/** Stands before the text of a part that belongs to the line before it. */
export const CONTINUATION_MARK = "… ";

/** A line of a log file. */
export interface ParsedLogLine {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** Writes one line with its LF. `o` is standard output, `e` standard error. */
export function formatLogLine(at: number, stream: "o" | "e", text: string): string {
  return `${new Date(at).toISOString()} ${stream} ${text}\n`;
}

/** Reads one line without its LF; undefined when it is not of this form. */
export function parseLogLine(line: string): ParsedLogLine | undefined {
  const at = Date.parse(line.slice(0, 24));
  const stream = line.slice(24, 27);
  if (Number.isNaN(at) || (stream !== " o " && stream !== " e ")) return undefined;
  return { at, stream: stream === " o " ? "stdout" : "stderr", text: line.slice(27) };
}
