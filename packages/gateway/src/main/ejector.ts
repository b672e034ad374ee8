// Whether an endpoint is silent or slow, judged five times a second from the evidence of all workers by the detectors that control runs too, so that
// an ejection and an incident never contradict each other. It goes on while control is away. A finding about a whole pool ejects nobody.
import type { Clock } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import {
  addSlowness,
  addStuckRequests,
  addStuckStreams,
  createSlowPeers,
  createStuckRequests,
  createStuckStreams,
  findSlow,
  findStuckRequests,
  findStuckStreams,
  type Finding,
} from "@flyball/traffic";
import { createSignalBook, MAX_KEPT, type WorkerReport } from "../evidence/signal-book.ts";
import type { FromWorker, ToWorker } from "../worker/worker-messages.ts";

/** Slowness is looked for about once a second. */
const SLOW_EVERY_LOOKS = 5;
/** A look that comes this late says of what it finds only that everything is late here. */
const LATE_MS = 700;
/** A probe this many times slower than the endpoint was finds it slow still. */
const STILL_SLOW = 3;
/** A finding about the same endpoint is not told again for so long: the workers may have had their reasons. */
const TELL_AGAIN_MS = 5_000;
const NO_LOAD = { inFlight: () => 0, weightedAverageLoad: () => 0 };

/** The ejector. Bounded as its book and its detectors are. */
export interface Ejector {
  add(worker: number, report: WorkerReport): void;
  forgetWorker(worker: number): void;
  /** A worker has ejected an endpoint by itself: the others do too. */
  onEjected(worker: number, ejected: Extract<FromWorker, { type: "ejected" }>): void;
  /** Judges what came since the last look. Called every 200 ms. */
  readonly look: () => void;
}

/** What it needs. */
export interface EjectorOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly workers: number;
  readonly send: (worker: number, message: ToWorker) => void;
}

/** Creates it. */
export function createEjector({ clock, logger, workers, send }: EjectorOptions): Ejector {
  const book = createSignalBook();
  const [stuck, streams, slow] = [createStuckRequests(), createStuckStreams(), createSlowPeers()];
  const ejected = new Set<string>();
  const toldAt = new Map<string, number>();
  let looks = 0;
  let lookedAt = clock.monotonic();
  const tell = (message: Extract<ToWorker, { type: "eject" }>, except?: number): void => {
    for (let worker = 0; worker < workers; worker += 1) if (worker !== except) send(worker, message);
  };
  const eject = (finding: Finding, cause: "stuck" | "slow"): void => {
    const { subject, facts } = finding;
    // Of an endpoint that is ejected the workers find out by their probes whether it is well again.
    if (facts["endpoints"] !== undefined || ejected.has(subject) || toldAt.has(subject)) return;
    toldAt.set(subject, clock.monotonic());
    logger.warn("an endpoint is to be ejected", { endpoint: subject, cause, ...facts });
    const usualMs = Math.max(Number(facts["usualMs"] ?? 0), Number(facts["peersMs"] ?? 0));
    const isMeasured = cause === "slow" && facts["what"] === "first";
    tell({ type: "eject", endpoint: subject, cause, ...(isMeasured ? { slowMs: STILL_SLOW * usualMs } : {}) });
  };
  return {
    add: (worker, report) => book.add(worker, report, clock.now()),
    forgetWorker: book.forgetWorker,
    onEjected: (worker, { endpoint, cause }) => tell({ type: "eject", endpoint, cause }, worker),
    look() {
      const now = clock.now();
      const signals = book.take(NO_LOAD, now);
      for (const signal of signals) {
        if (signal.kind !== "requests") continue;
        ejected.delete(signal.endpoint);
        if (signal.ejected !== undefined) ejected.add(signal.endpoint);
        addStuckRequests(stuck, signal);
        addStuckStreams(streams, signal);
        addSlowness(slow, signal);
      }
      if (ejected.size > MAX_KEPT) ejected.delete(ejected.values().next().value as string);
      looks += 1;
      const isLate = clock.monotonic() - lookedAt > LATE_MS;
      lookedAt = clock.monotonic();
      for (const [endpoint, at] of toldAt) if (lookedAt - at > TELL_AGAIN_MS) toldAt.delete(endpoint);
      if (isLate) return;
      for (const finding of [...findStuckRequests(stuck, now), ...findStuckStreams(streams, now)])
        eject(finding, "stuck");
      if (looks % SLOW_EVERY_LOOKS === 0) for (const finding of findSlow(slow, now)) eject(finding, "slow");
    },
  };
}
