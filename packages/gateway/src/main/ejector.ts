// Whether an endpoint is silent or slow, judged five times a second from the evidence of all workers by the detectors that control runs too, so that
// an ejection and an incident never contradict each other. It goes on while control is away. A finding about a whole pool ejects nobody.
import type { Clock, EjectReason, RequestEvidence, Signal } from "@flyball/core";
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
/** Nothing came from an endpoint for so long, in any worker. */
const SILENT_MS = 1_000;
const NO_LOAD = { inFlight: () => 0, weightedAverageLoad: () => 0 };

/** The ejector. Bounded as its book and its detectors are. */
export interface Ejector {
  add(worker: number, report: WorkerReport): void;
  forgetWorker(worker: number): void;
  /** A worker has ejected an endpoint by itself: the others do too. */
  onEjected(worker: number, ejected: Extract<FromWorker, { type: "ejected" }>): void;
  /** What one worker has learned of usual waits goes to the others. */
  onUsual(worker: number, usual: Extract<FromWorker, { type: "usual" }>): void;
  /** Judges what came since the last look. Called every 200 ms. */
  readonly look: () => void;
  /** Why an endpoint is ejected, as far as a worker has said so. */
  reasonOf(endpoint: string): EjectReason | undefined;
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
  const ejected = new Map<string, EjectReason>();
  const silence = createSilence();
  const toldAt = new Map<string, number>();
  let looks = 0;
  let lookedAt = clock.monotonic();
  const tell = (message: ToWorker, except?: number): void => {
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
    onUsual: (worker, usual) => tell(usual, worker),
    reasonOf: (endpoint) => ejected.get(endpoint),
    look() {
      const now = clock.now();
      const signals = book.take(NO_LOAD, now);
      for (const signal of signals) {
        if (signal.kind !== "requests") continue;
        ejected.delete(signal.endpoint);
        if (signal.ejected !== undefined) ejected.set(signal.endpoint, signal.ejected.reason);
        addStuckRequests(stuck, signal);
        addStuckStreams(streams, signal);
        addSlowness(slow, signal);
      }
      if (ejected.size > MAX_KEPT) ejected.delete(ejected.keys().next().value as string);
      looks += 1;
      const isLate = clock.monotonic() - lookedAt > LATE_MS;
      lookedAt = clock.monotonic();
      if (workers > 1 && !isLate)
        for (const endpoint of silence.find(signals, lookedAt)) tell({ type: "suspect", endpoint });
      for (const [endpoint, at] of toldAt) if (lookedAt - at > TELL_AGAIN_MS) toldAt.delete(endpoint);
      if (isLate) return;
      for (const finding of [...findStuckRequests(stuck, now), ...findStuckStreams(streams, now)])
        eject(finding, "stuck");
      if (looks % SLOW_EVERY_LOOKS === 0) for (const finding of findSlow(slow, now)) eject(finding, "slow");
    },
  };
}

/**
 * Endpoints at which something waits beyond the usual in one worker while another one hears answers of its pool: no worker alone sees both where few
 * requests come.
 */
function createSilence(): { find(signals: readonly Signal[], now: number): readonly string[] } {
  const movedAt = new Map<string, number>();
  return {
    find(signals, now) {
      const answering = new Set<string>();
      const waiting: RequestEvidence[] = [];
      for (const signal of signals) {
        if (signal.kind !== "requests") continue;
        const { pool, endpoint, stuck = 0, stuckStreams = 0, bytes = 0, outcomes } = signal;
        if (bytes > 0 || (outcomes.succeeded ?? 0) > 0) {
          movedAt.delete(endpoint);
          movedAt.set(endpoint, now);
          answering.add(pool);
        } else if (stuck + stuckStreams > 0 && signal.ejected === undefined) waiting.push(signal);
      }
      while (movedAt.size > MAX_KEPT) movedAt.delete(movedAt.keys().next().value as string);
      return waiting.flatMap(({ pool, endpoint }) => {
        const isSilent = now - (movedAt.get(endpoint) ?? Number.NEGATIVE_INFINITY) > SILENT_MS;
        return isSilent && answering.has(pool) ? [endpoint] : [];
      });
    },
  };
}
