// The promises of the design, each against the figure of this run. A bar whose figures are missing says so; nothing is asserted.
import type { Summaries } from "./summarise.ts";

/** One promise. */
export interface Bar {
  readonly title: string;
  readonly limit: number;
  /** NaN: not measured in this run. */
  readonly seen: number;
}

/** All promises about Flyball's gateway with one worker. */
export function barsOf(summaries: Summaries): readonly Bar[] {
  const value = (label: string, id: string): number => summaries[label]?.[id]?.median ?? Number.NaN;
  const ratio = (id: string, other: string): number => value("flyball", id) / value(other, id);
  const more = value("flyball ×2", "memory.peakMib") - value("flyball", "memory.peakMib");
  return [
    { title: "CPU a 1 kB request ÷ nginx", limit: 2.5, seen: ratio("json-1k.cpuUs", "nginx") },
    { title: "CPU a 1 kB request ÷ Portkey", limit: 1 / 15, seen: ratio("json-1k.cpuUs", "portkey") },
    { title: "CPU a chunk ÷ nginx", limit: 2, seen: ratio("chunks.cpuUsPerChunk", "nginx") },
    { title: "CPU a chunk ÷ Portkey", limit: 1 / 2.5, seen: ratio("chunks.cpuUsPerChunk", "portkey") },
    { title: "added p50 at 500/s, ms", limit: 0.3, seen: value("flyball", "open-1k.p50") },
    { title: "peak resident memory, MiB", limit: 160, seen: value("flyball", "memory.peakMib") },
    { title: "peak resident memory of a further worker, MiB", limit: 45, seen: more },
    { title: "cold start, ms", limit: 500, seen: value("flyball", "start.coldMs") },
  ];
}
