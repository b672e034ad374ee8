// Where a command's words go: data to stdout, progress and hints to stderr, and the three formats in one place.
import { plainStyle, type Style } from "./style.ts";

/** The values of `-o`. */
export type OutputFormat = "text" | "json" | "ndjson";

/** What commands write to. */
export interface Output {
  readonly format: OutputFormat;
  /** For text on stdout. */
  readonly dataStyle: Style;
  /** For text on stderr. */
  readonly noteStyle: Style;
  /** A line of data, whatever the format. */
  line(text: string): void;
  /** Progress or a hint, to stderr. */
  note(text: string): void;
  /** One value: its text, or its JSON. */
  value(value: unknown, render: (style: Style) => string): void;
  /** Many values: their text, one JSON array, or one JSON line each. */
  values(values: readonly unknown[], render: (style: Style) => string): void;
  /** One of a stream of values: its text, or one JSON line. An empty text is not written. */
  streamed(value: unknown, render: (style: Style) => string): void;
}

/** A thing that takes text: a stream of the process, or a list in a test. */
export interface TextSink {
  write(text: string): unknown;
}

/** Creates an output over two sinks. */
export function createOutput(options: {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly format: OutputFormat;
  readonly dataStyle?: Style;
  readonly noteStyle?: Style;
  /** What a person types for `flyball`; put in its place in commands to try. */
  readonly commandName?: string;
}): Output {
  const { stdout, stderr, format, commandName = "flyball" } = options;
  const dataStyle = options.dataStyle ?? plainStyle;
  const line = (text: string): void => void stdout.write(`${text}\n`);
  const typeable = (text: string): string =>
    text.replaceAll(/(Try: |试试：|, then |，再运行 )flyball (?=[a-z-])/g, `$1${commandName} `);
  const text = (rendered: string): void => (rendered === "" ? undefined : line(typeable(rendered)));
  return {
    format,
    dataStyle,
    noteStyle: options.noteStyle ?? plainStyle,
    line,
    note: (words) => void stderr.write(`${typeable(words)}\n`),
    value(value, render) {
      if (format === "text") text(render(dataStyle));
      else line(JSON.stringify(value, null, format === "json" ? 2 : undefined));
    },
    values(values, render) {
      if (format === "text") text(render(dataStyle));
      else if (format === "json") line(JSON.stringify(values, null, 2));
      else for (const value of values) line(JSON.stringify(value));
    },
    streamed(value, render) {
      if (format === "text") text(render(dataStyle));
      else line(JSON.stringify(value));
    },
  };
}
