// Traces that are tables: Azure's (date texts), ServeGen-derived ones (seconds) and BurstGPT's. The header says which; a time column
// without a known unit is refused, because seconds taken for milliseconds make a trace a thousand times as busy.
import { createTraceBuilder } from "./trace-builder.ts";
import type { Trace } from "./trace-request.ts";

interface CsvDialect {
  readonly time: string;
  readonly input: string;
  readonly output: string;
  readonly client?: string;
  readonly model?: string;
  /** Milliseconds of the text in the time column; NaN: not a time. */
  readonly toMs: (text: string) => number;
}

const fromSeconds = (text: string): number => numberOf(text) * 1_000;

const DIALECTS: readonly CsvDialect[] = [
  { time: "TIMESTAMP", input: "ContextTokens", output: "GeneratedTokens", toMs: parseDateText },
  { time: "arrival_s", input: "input_tokens", output: "output_tokens", client: "client_id", toMs: fromSeconds },
  { time: "arrival_ms", input: "input_tokens", output: "output_tokens", client: "client_id", toMs: numberOf },
  { time: "Timestamp", input: "Request tokens", output: "Response tokens", model: "Model", toMs: fromSeconds },
];

/**
 * Reads a table of requests. Unknown columns are ignored, among them any that tell of the future or of a client's past: what is known of
 * a client is learned in the run. `name` stands in the problems.
 */
export function parseCsvTrace(name: string, text: string): Trace {
  const lines = text.split("\n");
  const header = cellsOf(lines[0] ?? "");
  const dialect = DIALECTS.find((each) => missingOf(each, header).length === 0);
  if (dialect === undefined) return withoutHeader(name, text, header);
  const builder = createTraceBuilder(name, { fields: dialect });
  const [time, input, output, client, model] = [
    dialect.time,
    dialect.input,
    dialect.output,
    dialect.client ?? "",
    dialect.model ?? "",
  ].map((column) => header.indexOf(column)) as [number, number, number, number, number];
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index] as string;
    if (line.trim() === "") continue;
    const cells = cellsOf(line);
    if (cells.length !== header.length) {
      builder.problem(index + 1, `${cells.length} columns, the header has ${header.length}`, { seen: line });
      continue;
    }
    const seen = { time: cells[time] as string, input: cells[input] as string, output: cells[output] as string };
    const row = {
      atMs: dialect.toMs(seen.time),
      inputTokens: numberOf(seen.input),
      outputTokens: numberOf(seen.output),
      ...(client >= 0 && { client: cells[client] as string }),
      ...(model >= 0 && { model: cells[model] as string }),
    };
    builder.add(index + 1, row, seen);
  }
  return builder.build();
}

function missingOf({ time, input, output }: CsvDialect, header: readonly string[]): readonly string[] {
  return [time, input, output].filter((column) => !header.includes(column));
}

/** Says what the first line lacks: one column of a kind that it nearly is, or all. */
function withoutHeader(name: string, text: string, header: readonly string[]): Trace {
  const builder = createTraceBuilder(name);
  const [nearest] = DIALECTS.toSorted((a, b) => missingOf(a, header).length - missingOf(b, header).length);
  const [column, ...others] = nearest === undefined ? [] : missingOf(nearest, header);
  const seen = header.join(",");
  if (text.trim() === "") builder.problem(1, "the file is empty");
  else if (column !== undefined && others.length === 0)
    builder.problem(1, "the column is missing", { field: column, seen });
  else {
    const known = DIALECTS.map(({ time, input, output }) => `${time},${input},${output}`).join(" or ");
    builder.problem(1, `the header is not known; expected the columns ${known}`, { seen });
  }
  return builder.build();
}

function cellsOf(line: string): readonly string[] {
  return line.split(",").map((cell) => cell.trim());
}

function numberOf(text: string): number {
  return text === "" ? Number.NaN : Number(text);
}

/** `2023-11-16 18:15:46.6805900`, with or without a zone; without one it is UTC. Fractions finer than a millisecond count. */
function parseDateText(text: string): number {
  const parts = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (parts === null) return Number.NaN;
  const [, day, clock, fraction, zone] = parts;
  return Date.parse(`${day}T${clock}${zone ?? "Z"}`) + Number(fraction ?? "0") * 1_000;
}
