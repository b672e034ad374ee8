// Which file of the data folder a workload means. Traces of one kind are alike: another one of the same kind, under a name of that kind, takes the
// place of the usual one where that is not there.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseTrace, readTraceText, type Trace } from "@flyball/sim";

/** Kinds of traces. */
export type TraceKind = "azure" | "servegen" | "mooncake";

const FILES: Readonly<Record<TraceKind, { readonly usual: string; readonly like: RegExp }>> = {
  azure: { usual: "azure_llm_2023_conv.csv.gz", like: /^azure.*\.csv(\.gz)?$/i },
  servegen: { usual: "servegen_r1_1h_4rps.csv.gz", like: /^servegen.*\.csv(\.gz)?$/i },
  mooncake: { usual: "mooncake_fast25_conversation.jsonl.gz", like: /^mooncake.*\.jsonl(\.gz)?$/i },
};

/** Path of the file of a kind; undefined: the folder has none. */
export function findTrace(folder: string, kind: TraceKind): string | undefined {
  const { usual, like } = FILES[kind];
  const names = readdirSync(folder).toSorted();
  const name = names.includes(usual) ? usual : names.find((it) => like.test(it));
  return name === undefined ? undefined : join(folder, name);
}

/** Reads and keeps the traces of a folder. Throws where there is none of a kind. */
export function createTraceShelf(folder: string): (kind: TraceKind) => Trace {
  const known = new Map<TraceKind, Trace>();
  return (kind) => {
    const kept = known.get(kind);
    if (kept !== undefined) return kept;
    const path = findTrace(folder, kind);
    if (path === undefined) throw new Error(`no trace of the kind ${kind} in ${folder}`);
    const trace = parseTrace(path, readTraceText(path));
    known.set(kind, trace);
    return trace;
  };
}
