// The course of a drill: an app under test, a referee, and again where the app is gone; at the end the report.
import { availableParallelism } from "node:os";
import type { AppStatus } from "@flyball/core";
import {
  buildReport,
  planRuns,
  sweepFaults,
  type DrillReport,
  type FaultDefinition,
  type PlannedRun,
  type RefereeOrder,
  type RefereeWord,
  type RunRecord,
} from "@flyball/drill";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CommandContext } from "../command-line/command-context.ts";
import { changeApp } from "./change-app.ts";
import { sweepCopyFolders } from "./copy-folder.ts";
import type { DrillOptions } from "./drill-options.ts";
import { loadRequests } from "./load-requests.ts";
import type { AppUnderTest } from "./own-app.ts";
import { startOwnApp } from "./own-app.ts";
import { runRefereeProcess } from "./referee-process.ts";
import { runningApp } from "./running-app.ts";
import { serviceFacts } from "./service-facts.ts";
import { createWornCopy } from "./worn-copy.ts";
import { createShadow, type Shadow } from "./shadow.ts";

/** What a drill needs. */
export interface DrillWork {
  readonly context: CommandContext;
  readonly options: DrillOptions;
  readonly faults: readonly FaultDefinition[];
  readonly signal: AbortSignal;
  readonly onWord: (word: RefereeWord, planned: readonly PlannedRun[]) => void;
}

const PATIENCE_MS = 60_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** Seconds of the whole load that may fail in one run. */
const MOST_FAILED_SECONDS = 20;

/** Runs it to its end, or until the signal; what was measured until then is in the report. */
export async function runDrill(work: DrillWork): Promise<DrillReport> {
  const { context, options, faults, signal } = work;
  await sweepCopyFolders(context.clock.now());
  const planned = planRuns(faults, options.rounds, options.seed);
  const isProxied = ({ fault }: PlannedRun): boolean => fault?.needs.includes("proxy") === true;
  const needsProxies = planned.some(isProxied) && !options.usesRunning;
  const plain = needsProxies ? planned.filter((run) => !isProxied(run)) : planned;
  const runs: RunRecord[] = [];
  let app = "";
  for (const [group, hasProxies] of [
    [plain, false],
    [planned.filter((run) => needsProxies && isProxied(run)), true],
  ] as const) {
    let left = group;
    while (left.length > 0 && !signal.aborted) {
      const done = await runOnApp(work, left, hasProxies);
      app = done.app;
      runs.push(...done.runs);
      const finished = new Set(done.finished);
      const rest = left.filter(({ index }) => !finished.has(index));
      if (rest.length === left.length) break;
      left = rest;
    }
  }
  const setting = {
    app,
    at: context.clock.now(),
    command: context.commandLine,
    seed: options.seed,
    rounds: options.rounds,
    perSecond: options.perSecond,
    goodWindowMs: options.windowMs,
    version: context.version,
    node: process.version,
    processors: availableParallelism(),
    isShadow: options.isShadow,
  };
  return buildReport(
    setting,
    faults,
    runs.toSorted((a, b) => a.index - b.index),
  );
}

interface Done {
  readonly app: string;
  readonly runs: readonly RunRecord[];
  /** Indices of runs that were done or cannot be done. */
  readonly finished: readonly number[];
}

async function runOnApp(work: DrillWork, planned: readonly PlannedRun[], hasProxies: boolean): Promise<Done> {
  const { context, options, signal, onWord } = work;
  const app = options.usesRunning
    ? await runningApp(context)
    : await startOwnApp(context, { target: options.target, hasProxies, signal });
  const runs: RunRecord[] = [];
  const finished: number[] = [];
  let shadow: Shadow | undefined;
  const copy = createWornCopy();
  const worn = new AbortController();
  try {
    const status = await app.control.status();
    await sweepFaults(join(app.layout.directory, "faults"), context.clock.now());
    shadow = options.isShadow ? createShadow(app.control, status.isPaused) : undefined;
    const order = await orderFor(work, { app, status, planned, hasProxies });
    const end = await runRefereeProcess(order, {
      signal: AbortSignal.any([signal, worn.signal]),
      onChange: (question) => changeApp(app.control, app.spec, question),
      onWord: (word) => {
        if (worn.signal.aborted) return;
        if (word.word === "run" && !options.usesRunning && copy.isWornAt(word.run)) return worn.abort();
        onWord(word, planned);
        shadow?.onWord(word);
        if (word.word === "run") runs.push(word.run);
        if (word.word === "run") finished.push(word.run.index);
        if (word.word === "failure") finished.push(word.index);
      },
    });
    if (end === "lost" && !signal.aborted && !worn.signal.aborted)
      context.output.note(context.translate("drill.referee-lost"));
    return { app: status.app, runs, finished };
  } finally {
    await shadow?.end();
    await app.dispose();
  }
}

async function orderFor(
  { context, options }: DrillWork,
  parts: {
    readonly app: AppUnderTest;
    readonly status: AppStatus;
    readonly planned: readonly PlannedRun[];
    readonly hasProxies: boolean;
  },
): Promise<RefereeOrder> {
  const { app, status, planned, hasProxies } = parts;
  const { perSecond } = options;
  return {
    control: { url: app.control.url, token: readFileSync(app.layout.tokenFile, "utf8").trim() },
    appTag: app.tag,
    keeperPid: app.keeperPid,
    proxyFolder: app.proxyFolder ?? app.layout.directory,
    faultFolder: join(app.layout.directory, "faults"),
    facts: serviceFacts(app.spec, hasProxies),
    gatewayWorkers: app.spec.gateway.workers,
    mayChange: !options.usesRunning,
    requests: await loadRequests({
      spec: app.spec,
      status,
      manifestPath: status.manifestPath,
      workingDirectory: context.workingDirectory,
      path: options.requestsPath,
      modelKey: app.modelKey,
    }),
    perSecond,
    limits: {
      beforeMs: options.beforeMs,
      goodWindowMs: options.windowMs,
      patienceMs: PATIENCE_MS,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      mostFailed: options.mostFailed ?? perSecond * MOST_FAILED_SECONDS,
      lagMs: options.lagMs,
      stealShare: options.stealShare,
    },
    runs: planned,
  };
}
