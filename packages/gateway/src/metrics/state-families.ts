// What is read at the moment of a scrape: journals, caches, gates, traces. Nothing is counted on the way of a call for it.
import type { MetricFamily } from "@flyball/telemetry";
import { lookAtWaits } from "../evidence/running-attempts.ts";
import type { JournalStats } from "../ledger/journal.ts";
import type { TraceStats } from "../traces/span-exporter.ts";
import type { ModelMemory } from "../worker/model-memory.ts";
import type { Pool } from "../worker/pool.ts";

/** The families of a journal; none before it is open. */
export function journalFamilies(stats: JournalStats | undefined): MetricFamily[] {
  if (!stats) return [];
  const { bufferedBytes, writtenBytes, lostLines, failures } = stats;
  return [
    single("flyball_journal_buffered_bytes", "Bytes of the journal that wait to be written.", "gauge", bufferedBytes),
    single("flyball_journal_written_bytes_total", "Bytes written to the journal.", "counter", writtenBytes),
    single(
      "flyball_journal_lost_lines_total",
      "Lines of the journal that found its buffer full.",
      "counter",
      lostLines,
    ),
    single("flyball_journal_failures_total", "Writes of the journal that failed.", "counter", failures),
  ];
}

/** The families of the caches of models that have one. */
export function cacheFamilies(memories: ReadonlyMap<string, ModelMemory> | undefined): MetricFamily[] {
  const stores = [...(memories ?? [])].flatMap(([model, { cache }]) => (cache ? [{ model, store: cache.store }] : []));
  const gauge = (
    name: string,
    help: string,
    read: (store: (typeof stores)[number]["store"]) => number,
  ): MetricFamily => ({
    name,
    help,
    type: "gauge",
    labelNames: ["model"],
    samples: stores.map(({ model, store }) => ({ labels: [model], value: read(store) })),
  });
  return [
    gauge(
      "flyball_cache_bytes",
      "Bytes of kept answers and of answers that are being written down.",
      (store) => store.bytes + store.heldBytes,
    ),
    gauge("flyball_cache_answers", "Kept answers.", (store) => store.size),
  ];
}

/** The families of the gates in front of pools. */
export function gateFamilies(pools: Iterable<Pool>): MetricFamily[] {
  const all = [...pools];
  const gauge = (name: string, help: string, read: (gate: Pool["gate"]) => number): MetricFamily => ({
    name,
    help,
    type: "gauge",
    labelNames: ["pool"],
    samples: all.map(({ id, gate }) => ({ labels: [id], value: read(gate) })),
  });
  return [
    gauge(
      "flyball_pool_concurrency_limit",
      "Attempts that may be under way at a pool at once, learned from its latency; the sum of the workers' shares.",
      ({ limit }) => limit,
    ),
    gauge("flyball_pool_in_flight", "Attempts that count in the limit of a pool.", ({ inFlight }) => inFlight),
  ];
}

/** What waits beyond the usual, as of now. */
export function waitFamilies(pools: Iterable<Pool>, now: number): MetricFamily[] {
  const samples = [...pools].flatMap(({ id, endpoints }) => {
    const waits = endpoints.map(({ running, breaker }) => lookAtWaits(running, now, breaker.era));
    return [
      { labels: [id, "first-byte"], value: waits.reduce((sum, { stuck }) => sum + stuck, 0) },
      { labels: [id, "silence"], value: waits.reduce((sum, { stuckStreams }) => sum + stuckStreams, 0) },
    ];
  });
  const help =
    "Attempts in flight that wait longer than is usual for their route or model: for a first byte, or in a silence of a stream.";
  return [{ name: "flyball_attempts_stuck", help, type: "gauge", labelNames: ["pool", "wait"], samples }];
}

/** Long calls at the thread beside the worker. */
export function longCallFamilies(pending: number): MetricFamily[] {
  const help =
    "Long model calls at the thread beside their worker: those that wait for it, and the one that it works on.";
  return [single("flyball_long_calls_pending", help, "gauge", pending)];
}

/** The families of traces; none where none are kept. */
export function traceFamilies(stats: TraceStats | undefined): MetricFamily[] {
  if (!stats) return [];
  const { exported, dropped, waiting } = stats;
  return [
    {
      name: "flyball_traced_calls_total",
      help: "Sampled model calls by what became of their spans.",
      type: "counter",
      labelNames: ["result"],
      samples: [
        { labels: ["exported"], value: exported },
        { labels: ["dropped"], value: dropped },
      ],
    },
    single("flyball_traced_calls_waiting", "Sampled model calls whose spans wait for their export.", "gauge", waiting),
  ];
}

function single(name: string, help: string, type: "gauge" | "counter", value: number): MetricFamily {
  return { name, help, type, labelNames: [], samples: [{ labels: [], value }] };
}
