// The rows of the report. What a candidate adds is taken against the direct path of the same round.

/** One row. */
export interface MeasureDefinition {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  /** The direct path's value of the round is taken off. */
  readonly isAdded?: boolean;
  /** Less is better unless this says otherwise; decides which way round a ratio is. */
  readonly isMoreBetter?: boolean;
}

/** All rows in their order. */
export const measureDefinitions: readonly MeasureDefinition[] = [
  { id: "json-1k.cpuUs", title: "CPU a request, 1 kB answer", unit: "µs", digits: 1 },
  { id: "json-16k.cpuUs", title: "CPU a request, 16 kB answer", unit: "µs", digits: 1 },
  { id: "prompt-100k.cpuUs", title: "CPU a request, 400 kB prompt", unit: "µs", digits: 0 },
  { id: "open-1k.cpuUs", title: "CPU a request at 500/s", unit: "µs", digits: 1 },
  { id: "chunks.cpuUsPerChunk", title: "CPU a chunk, 64 streams at 10 ms", unit: "µs", digits: 1 },
  { id: "json-1k.perSecond", title: "requests, 64 connections, 1 kB", unit: "/s", digits: 0, isMoreBetter: true },
  { id: "json-16k.perSecond", title: "requests, 64 connections, 16 kB", unit: "/s", digits: 0, isMoreBetter: true },
  {
    id: "prompt-100k.perSecond",
    title: "requests, 16 connections, 400 kB prompt",
    unit: "/s",
    digits: 0,
    isMoreBetter: true,
  },
  { id: "open-1k.p50", title: "added p50 at 500/s, 1 kB", unit: "ms", digits: 2, isAdded: true },
  { id: "open-1k.p99", title: "added p99 at 500/s, 1 kB", unit: "ms", digits: 2, isAdded: true },
  { id: "open-16k.p50", title: "added p50 at 500/s, 16 kB", unit: "ms", digits: 2, isAdded: true },
  { id: "open-100k.p50", title: "added p50 at 20/s, 400 kB prompt", unit: "ms", digits: 2, isAdded: true },
  { id: "first-chunk.firstP50", title: "added time to first chunk, p50", unit: "ms", digits: 2, isAdded: true },
  { id: "first-chunk.firstP99", title: "added time to first chunk, p99", unit: "ms", digits: 2, isAdded: true },
  { id: "hold-256.held", title: "streams held of 256 at 50 ms", unit: "", digits: 0, isMoreBetter: true },
  { id: "hold-512.held", title: "streams held of 512 at 50 ms", unit: "", digits: 0, isMoreBetter: true },
  { id: "chunks.coalescedShare", title: "chunks that came together, share", unit: "", digits: 4 },
  { id: "open-1k.lateP99", title: "client's own lateness at 500/s, p99", unit: "ms", digits: 2 },
  { id: "chunks.clientPauseMs", title: "client's own longest pause, 64 streams", unit: "ms", digits: 1 },
  { id: "memory.peakMib", title: "peak resident memory", unit: "MiB", digits: 0 },
  { id: "memory.besideMib", title: "the same of processes beside", unit: "MiB", digits: 0 },
  { id: "start.coldMs", title: "cold start to the first answer", unit: "ms", digits: 0 },
];
