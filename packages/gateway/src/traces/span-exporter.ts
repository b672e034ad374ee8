// Sends finished calls to a collector in batches, on the main thread. One export runs at a time; at most 4,096 calls wait, further ones are
// dropped and counted. A collector that is busy or away is tried again with growing pauses, five times for each batch; what it refuses is
// dropped.
import { sleep, type Clock } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import { callSpans } from "./call-spans.ts";
import { encodeOtlp } from "./encode-otlp.ts";
import type { FinishedCall } from "./finished-call.ts";
import type { ExportOutcome } from "./post-spans.ts";

/** Counts of calls, for metrics. */
export interface TraceStats {
  readonly exported: number;
  readonly dropped: number;
  readonly waiting: number;
}

/** An exporter. */
export interface SpanExporter {
  /** `dropped`: what the worker had no room for. */
  add(calls: readonly FinishedCall[], dropped: number): void;
  readonly stats: TraceStats;
  /** Sends what is left, at most this long. Idempotent. */
  stop(limitMs: number): Promise<void>;
}

/** What an exporter is made with. */
export interface SpanExporterOptions {
  readonly resource: Readonly<Record<string, string>>;
  /** Sends one body; never rejects. */
  readonly post: (body: string) => Promise<ExportOutcome>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Calls of one export. */
export const EXPORT_BATCH = 256;
const MAX_WAITING = 4_096;
const EXPORT_EVERY_MS = 1_000;
const TRIES = 5;
const FIRST_PAUSE_MS = 1_000;

/** Creates it; a timer runs until it is stopped. */
export function createSpanExporter({ resource, post, clock, logger }: SpanExporterOptions): SpanExporter {
  const stopping = new AbortController();
  let waiting: FinishedCall[] = [];
  let running: Promise<void> | undefined;
  let exported = 0;
  let dropped = 0;
  let isFailing = false;

  const send = async (batch: readonly FinishedCall[]): Promise<void> => {
    const outcome = await postPatiently(encodeOtlp(batch.flatMap(callSpans), resource));
    if (outcome.kind === "taken") {
      exported += batch.length;
      isFailing = false;
      return;
    }
    dropped += batch.length;
    if (!isFailing) logger.warn("traces cannot be exported", { reason: outcome.reason });
    isFailing = true;
  };
  const postPatiently = async (body: string): Promise<ExportOutcome> => {
    let outcome = await post(body);
    for (let tries = 1; tries < TRIES && outcome.kind === "busy" && !stopping.signal.aborted; tries += 1) {
      const pauseMs = outcome.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (tries - 1);
      await sleep(clock, pauseMs, stopping.signal).catch(() => undefined);
      outcome = await post(body);
    }
    return outcome;
  };
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) await send(waiting.splice(0, EXPORT_BATCH));
  };
  const start = (): Promise<void> => {
    running ??= drain().finally(() => (running = undefined));
    return running;
  };
  const cancelTimer = clock.every(EXPORT_EVERY_MS, () => void start());
  return {
    add(calls, lost) {
      const room = Math.max(0, MAX_WAITING - waiting.length);
      waiting.push(...calls.slice(0, room));
      dropped += lost + Math.max(0, calls.length - room);
      if (waiting.length >= EXPORT_BATCH) void start();
    },
    get stats() {
      return { exported, dropped, waiting: waiting.length };
    },
    async stop(limitMs) {
      cancelTimer();
      stopping.abort(new Error("the gateway ends"));
      const limit = new AbortController();
      await Promise.race([start(), sleep(clock, limitMs, limit.signal).catch(() => undefined)]);
      limit.abort(new Error("done"));
      dropped += waiting.length;
      waiting = [];
    },
  };
}
