// Which loader reads a file: its name decides, then its first line.
import { parseCsvTrace } from "./parse-csv-trace.ts";
import { parseLedgerTrace } from "./parse-ledger-trace.ts";
import { parseMooncakeTrace } from "./parse-mooncake-trace.ts";
import type { Trace } from "./trace-request.ts";

/** Reads the text of a trace file, unpacked. `name` may end in .gz; it stands in the problems. */
export function parseTrace(name: string, text: string): Trace {
  if (/\.csv(\.gz)?$/.test(name)) return parseCsvTrace(name, text);
  if (/\.journal(\.gz)?$/.test(name)) return parseLedgerTrace(name, text);
  return /"hash_ids"|"input_length"/.test(text.slice(0, 1_000))
    ? parseMooncakeTrace(name, text)
    : parseLedgerTrace(name, text);
}
