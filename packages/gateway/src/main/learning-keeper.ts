// The main thread's part in learning: it learns of endpoints what all workers saw, reads the engines' metrics, gathers what the workers have
// learned of answers and keeps all of it in one file, so that a gateway that starts anew begins where the one before it was.
import { join } from "node:path";
import type { CancelTimer, Clock, EngineEvidence, Snapshot } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import type { ModelReport } from "@flyball/traffic";
import {
  createEndpointLearning,
  type EndpointLearning,
  type EndpointReport,
  type LearnedLimits,
} from "../learn/endpoint-learning.ts";
import type { TimingSamples } from "../learn/endpoint-sample.ts";
import { readLearned, writeLearned, type LearnedFile } from "../learn/learned-file.ts";
import { mergeReports } from "../learn/merge-reports.ts";
import { modelEndpoints } from "../learn/model-endpoints.ts";
import type { EngineFacts } from "../learn/scrape/engine-facts.ts";
import { createEngineScraper } from "../learn/scrape/engine-scraper.ts";
import { createPageFetcher } from "../learn/scrape/fetch-page.ts";
import type { SavedLearning } from "../learn/worker-learning.ts";
import { createWaitKeeper } from "../learn/wait-keeper.ts";
import type { FromWorker, ToWorker } from "../worker/worker-messages.ts";

/** Between two writings of the file, while something is learned. */
export const SAVE_EVERY_MS = 30_000;
const TELL_EVERY_MS = 1_000;
/** How long a page waits for workers that are busy. */
const REPORT_LIMIT_MS = 1_000;
/** Beside the journals, as the rates are. */
const LEARNED_FILE = "learned.json";

/** What is known, for the admin page. */
export interface Predictions {
  readonly models: readonly ModelReport[];
  readonly endpoints: readonly EndpointReport[];
  readonly engines: { readonly answering: number; readonly asked: number };
}

/** The keeper of what is learned. */
export interface LearningKeeper {
  /** What the worker in this place is to begin with. */
  learnedBy(worker: number): SavedLearning | undefined;
  follow(snapshot: Snapshot): void;
  onTimings(samples: TimingSamples): void;
  onLearned(worker: number, learned: SavedLearning): void;
  /** How long answers let wait, as a worker has learned. */
  onUsual(usual: Extract<FromWorker, { type: "usual" }>): void;
  /** A worker serves a snapshot: it is told what is known of the waits at its pools. */
  onServing(worker: number): void;
  onReport(worker: number, id: number, models: readonly ModelReport[]): void;
  /** Asks every worker; one that does not answer in time is left out. */
  predictions(): Promise<Predictions>;
  /** Stops timers and connections and writes the file a last time. Idempotent. */
  stop(): Promise<void>;
}

/** What it is made with. */
export interface LearningKeeperOptions {
  readonly folder: string;
  readonly workers: number;
  /** Whether engines are asked for their metrics. */
  readonly scrapesEngines: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly send: (worker: number, message: ToWorker) => void;
  /** Requests in flight at an endpoint: ours, and those of gateways that share it. */
  readonly activeAt: (endpoint: string) => number;
  /** It was ejected because it lets wait: whether it takes steps is asked all the same. */
  readonly isSilent: (endpoint: string) => boolean;
  readonly othersActive: (endpoint: string) => number;
  /** Whether requests wait in front of a pool. */
  readonly isQueued: (pool: string) => boolean;
  /** What an engine said, or that it did not. */
  readonly onEngine: (evidence: EngineEvidence) => void;
  /** The limits of an endpoint have moved. */
  readonly onLimits: (endpoint: string, limits: LearnedLimits) => void;
}

interface OpenReport {
  readonly missing: Set<number>;
  readonly parts: (readonly ModelReport[])[];
  readonly done: () => void;
}

/** Creates it, with what stands in the file; the timers run until `stop`. */
export function createLearningKeeper(options: LearningKeeperOptions): LearningKeeper {
  const { clock, logger, workers, activeAt, othersActive } = options;
  const path = join(options.folder, LEARNED_FILE);
  const before = restore(path, logger);
  const learned = new Map<number, SavedLearning>();
  const endpoints = createEndpointLearning({
    clock,
    saved: before.endpoints,
    othersActive,
    onLearned: options.onLimits,
  });
  const waits = createWaitKeeper(before.waits ?? []);
  const pages = createPageFetcher();
  let pools: ReadonlyMap<string, string> = new Map();
  const tell = (endpoint: string, said: Pick<EngineEvidence, "counters" | "failure">): void =>
    options.onEngine({ kind: "engine", pool: pools.get(endpoint) ?? "", endpoint, at: clock.now(), ...said });
  const scraper = createEngineScraper({
    clock,
    fetchPage: pages.fetchPage,
    isBusy: (endpoint) =>
      activeAt(endpoint) > 0 || options.isSilent(endpoint) || options.isQueued(pools.get(endpoint) ?? ""),
    onFacts(endpoint, facts) {
      endpoints.addScrape(endpoint, facts, activeAt(endpoint) + othersActive(endpoint));
      tell(endpoint, countersOf(facts));
    },
    onFailure: (endpoint, failure) => tell(endpoint, { failure }),
  });
  const file = createFileWriter(path, logger, () => ({
    workers: Array.from({ length: workers }, (_, index) => learned.get(index) ?? partOf(before.workers, index)).filter(
      (part) => part !== undefined,
    ),
    endpoints: endpoints.save(),
    waits: waits.all(),
  }));
  // A bound moves a little with every answer: it is written with the rest.
  let hasNewWaits = false;
  const timers: CancelTimer[] = [
    clock.every(TELL_EVERY_MS, () => {
      endpoints.tell();
      void file.write();
    }),
    clock.every(SAVE_EVERY_MS, () => {
      file.isStale ||= hasNewWaits;
      hasNewWaits = false;
      for (let worker = 0; worker < workers; worker += 1) options.send(worker, { type: "save-learned" });
    }),
  ];
  const reports = createReports(options);
  return {
    learnedBy: (worker) => learned.get(worker) ?? partOf(before.workers, worker),
    follow(snapshot) {
      endpoints.follow(snapshot);
      if (!options.scrapesEngines) return;
      const models = modelEndpoints(snapshot);
      pools = new Map(models.map(({ id, pool }) => [id, pool]));
      scraper.follow(
        models.flatMap(({ id, metricsUrl }) => (metricsUrl === undefined ? [] : [{ endpoint: id, url: metricsUrl }])),
      );
    },
    onTimings: (samples) => endpoints.add(samples),
    onLearned(worker, part) {
      learned.set(worker, part);
      file.isStale = true;
    },
    onUsual({ pools: told }) {
      if (waits.add(told)) hasNewWaits = true;
    },
    onServing(worker) {
      const known = waits.all();
      if (known.length > 0) options.send(worker, { type: "usual", pools: known });
    },
    onReport: reports.add,
    predictions: () => reports.ask().then((models) => predictionsOf(models, endpoints, scraper)),
    async stop() {
      for (const cancel of timers.splice(0)) cancel();
      scraper.stop();
      pages.close();
      file.isStale ||= hasNewWaits;
      await file.write();
    },
  };
}

/** An engine that does not count its steps says nothing of whether it hangs. */
function countersOf(facts: EngineFacts): Pick<EngineEvidence, "counters" | "failure"> {
  const { running, waiting, preemptions, progress, kvUsedShare } = facts;
  if (progress === undefined) return { failure: "its page counts no steps" };
  const memory = kvUsedShare === undefined ? {} : { memoryShare: kvUsedShare };
  return { counters: { running, waiting, progress, preemptions, ...memory } };
}

function predictionsOf(
  models: readonly ModelReport[],
  endpoints: EndpointLearning,
  { answering, size }: { readonly answering: number; readonly size: number },
): Predictions {
  return { models, endpoints: endpoints.report(), engines: { answering, asked: size } };
}

function restore(path: string, logger: Logger): LearnedFile {
  const reading = readLearned(path);
  if (reading.kind === "read") return reading.learned;
  if (reading.kind === "refused") {
    logger.warn("what was learned before cannot be read; it is learned anew", { path, reason: reading.reason });
  }
  return { workers: [], endpoints: [] };
}

/** With more workers than before some begin alike. */
function partOf(parts: readonly SavedLearning[], worker: number): SavedLearning | undefined {
  return parts.length === 0 ? undefined : parts[worker % parts.length];
}

/** Writes the file when something is new, one writing at a time. */
function createFileWriter(
  path: string,
  logger: Logger,
  read: () => LearnedFile,
): { isStale: boolean; write(): Promise<void> } {
  let writing: Promise<void> = Promise.resolve();
  let isFailing = false;
  const writer = {
    isStale: false,
    write(): Promise<void> {
      writing = writing.then(async () => {
        if (!writer.isStale) return;
        writer.isStale = false;
        try {
          await writeLearned(path, read());
          isFailing = false;
        } catch (error) {
          if (!isFailing) logger.warn("what was learned cannot be written; it is tried again", { path, error });
          isFailing = true;
          writer.isStale = true;
        }
      });
      return writing;
    },
  };
  return writer;
}

/** Asks all workers for their reports. Bounded by who asks. */
function createReports({ clock, workers, send }: Pick<LearningKeeperOptions, "clock" | "workers" | "send">): {
  readonly add: LearningKeeper["onReport"];
  ask(): Promise<readonly ModelReport[]>;
} {
  const open = new Map<number, OpenReport>();
  let nextId = 1;
  return {
    add(worker, id, models) {
      const report = open.get(id);
      if (report === undefined || !report.missing.delete(worker)) return;
      report.parts.push(models);
      if (report.missing.size === 0) report.done();
    },
    async ask() {
      const id = nextId;
      nextId += 1;
      const parts: (readonly ModelReport[])[] = [];
      await new Promise<void>((resolve) => {
        const cancel = clock.after(REPORT_LIMIT_MS, () => done());
        const done = (): void => {
          cancel();
          open.delete(id);
          resolve();
        };
        open.set(id, { missing: new Set(Array.from({ length: workers }, (_, index) => index)), parts, done });
        for (let worker = 0; worker < workers; worker += 1) send(worker, { type: "report-learned", id });
      });
      return mergeReports(parts);
    },
  };
}
