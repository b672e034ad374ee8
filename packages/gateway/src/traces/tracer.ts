// The worker's part in traces: gives calls their ids, decides which are kept, and hands those that have ended to the main thread in small
// batches. At most 2,048 wait; further ones are dropped and counted.
import type { Clock } from "@flyball/core";
import type { CallTrace } from "./call-trace.ts";
import type { FinishedCall } from "./finished-call.ts";
import type { SpanIds } from "./span-ids.ts";
import { formatTraceParent, parseTraceParent } from "./trace-context.ts";
import type { TraceSettings } from "./trace-settings.ts";

/** Traces of one worker. */
export interface Tracer {
  /** Of a call with this `traceparent` header. */
  begin(header: unknown): CallTrace;
  /** Notes an attempt; the traceparent that its backend is told. */
  beginAttempt(trace: CallTrace, authority: string): string;
  /** A sampled call has ended. */
  add(call: FinishedCall): void;
  flush(): void;
}

/** What a tracer is made with. */
export interface TracerOptions {
  readonly settings: Pick<TraceSettings, "sampleRatio" | "followsParent">;
  readonly ids: SpanIds;
  readonly clock: Clock;
  /** `dropped`: calls that found no room since the last time. */
  readonly send: (calls: readonly FinishedCall[], dropped: number) => void;
}

/** A batch is small, because cloning it holds the worker. */
const BATCH = 64;
const MAX_WAITING = 2_048;
const FLUSH_EVERY_MS = 1_000;

/** Creates it; a timer runs for the life of the worker. */
export function createTracer({ settings, ids, clock, send }: TracerOptions): Tracer {
  let waiting: FinishedCall[] = [];
  let dropped = 0;
  let isPlanned = false;
  const sendBatch = (): void => {
    isPlanned = false;
    if (waiting.length === 0 && dropped === 0) return;
    send(waiting.splice(0, BATCH), dropped);
    dropped = 0;
    if (waiting.length >= BATCH) planBatch();
  };
  const planBatch = (): void => {
    if (isPlanned) return;
    isPlanned = true;
    clock.after(0, sendBatch);
  };
  clock.every(FLUSH_EVERY_MS, sendBatch);
  return {
    begin(header) {
      const parent = parseTraceParent(header);
      const traceId = parent?.traceId ?? ids.traceId();
      const isSampled = parent && settings.followsParent ? parent.isSampled : isChosen(traceId, settings.sampleRatio);
      return { traceId, spanId: ids.spanId(), parentSpanId: parent?.spanId, isSampled, attempts: [] };
    },
    beginAttempt({ traceId, isSampled, attempts }, authority) {
      const spanId = ids.spanId();
      attempts.push({ spanId, authority });
      return formatTraceParent({ traceId, spanId, isSampled });
    },
    add(call) {
      if (waiting.length >= MAX_WAITING) {
        dropped += 1;
        return;
      }
      waiting.push(call);
      if (waiting.length >= BATCH) planBatch();
    },
    flush() {
      do sendBatch();
      while (waiting.length > 0);
    },
  };
}

/** The same trace is chosen by everyone who has the same ratio: its id decides. */
function isChosen(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(-8), 16) < ratio * 2 ** 32;
}
