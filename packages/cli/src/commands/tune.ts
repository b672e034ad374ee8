// `flyball tune <trace>`: searches a service's settings in simulation for an objective and proposes the manifest's difference. Nothing is written
// but with --write.
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { loadManifest } from "@flyball/core/manifest";
import type { TraceRequest } from "@flyball/sim";
import { type ReadManifest, readManifest } from "../app/read-manifest.ts";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { flagOption, listOption, numberOption, parseWholeNumber, textOption } from "../command-line/command-input.ts";
import { usageError } from "../messages/localised-error.ts";
import { checkObjective } from "../simulate/check-objective.ts";
import { loadTrace } from "../simulate/load-trace.ts";
import { readAttainment } from "../simulate/read-attainment.ts";
import { readObjective } from "../simulate/read-objective.ts";
import { readRates } from "../simulate/read-rates.ts";
import { type TraceFacts, traceFacts } from "../simulate/simulation-report.ts";
import { objectiveText, traceText } from "../simulate/simulation-text.ts";
import { changesBetween, editManifest, isAsChanged } from "../simulate/tune/propose-changes.ts";
import { findTunable } from "../simulate/tune/tunable-service.ts";
import { searchTuning, type TuneSettings } from "../simulate/tune/tune-search.ts";
import { tuneText } from "../simulate/tune/tune-text.ts";
import { unifiedDiff } from "../simulate/tune/unified-diff.ts";
import { writeWholeFile } from "../output/write-whole-file.ts";

/** Every look is a simulation, so not more than so many requests of the trace's beginning take part. */
const MOST_REQUESTS = 5_000;
const USUAL_SEED = 1;
const USUAL_RUNS = 100;
const USUAL_MOST = 16;
const UNHEALTHY = 3;

/** Runs the command; exit code 3 when nothing that was tried keeps the objective. */
export async function tune(context: CommandContext, input: CommandInput): Promise<number> {
  const { output, translate } = context;
  const target = textOption(input, "target");
  const objective = readObjective(textOption(input, "objective"));
  const attainment = readAttainment(input);
  const seed = numberOption(input, "seed", { min: 0, max: 2 ** 32 - 1 }) ?? USUAL_SEED;
  const bounds = readBounds(input);
  const manifest = await readManifest(context, { target, profiles: [] });
  const tunable = findTunable(manifest.spec, textOption(input, "service"), textOption(input, "profile"));
  checkObjective(objective, [tunable.profile]);
  const { requests, blockTokens, facts, loadFactor } = await loadPart(context, input);
  const onRun = progressOf(context, bounds.maxRuns);
  const question = { tunable, requests, blockTokens, loadFactor, objective, attainment, seed, ...bounds, onRun };
  const found = await searchTuning(question).finally(() => context.progress(""));
  const changes = changesBetween(tunable, found.before.settings, found.after.settings);
  const proposal = await propose(context, manifest, { target, service: tunable.service.name, changes });
  const isWritten = flagOption(input, "write") && proposal !== undefined && changes.length > 0;
  if (isWritten) writeWholeFile(manifest.path, "/", proposal.text);
  const report = {
    service: tunable.service.name,
    engine: tunable.dialect.name,
    profile: tunable.profile.name,
    attainment,
    found,
    changes: changes.map(({ field, from, to }) => ({ field, from, to })),
    diff: proposal?.diff ?? "",
  };
  output.value({ trace: facts, objective, seed, ...report, isWritten }, (style) =>
    [
      traceText(facts, translate),
      objectiveText(objective, translate, seed),
      "",
      tuneText(report, translate, style),
    ].join("\n"),
  );
  if (changes.length > 0) tellWhatNext(context, manifest.path, { isProposed: proposal !== undefined, isWritten });
  return found.after.result.goodShare >= attainment ? 0 : UNHEALTHY;
}

function readBounds(input: CommandInput): { readonly maxRuns: number; readonly maxReplicas: number } {
  const most = textOption(input, "maxReplicas") ?? String(USUAL_MOST);
  return {
    maxRuns: numberOption(input, "runs", { min: 1, max: 10_000 }) ?? USUAL_RUNS,
    maxReplicas: parseWholeNumber(most, "--max-replicas", { min: 1, max: 1_000 }),
  };
}

/** The part of the trace that takes part, and how many times as fast it comes. */
async function loadPart(
  context: CommandContext,
  input: CommandInput,
): Promise<{
  readonly requests: readonly TraceRequest[];
  readonly blockTokens: number;
  readonly facts: TraceFacts;
  readonly loadFactor: number;
}> {
  const { trace } = await loadTrace(context, input);
  const requests = trace.requests.slice(0, MOST_REQUESTS);
  const counts = { count: requests.length, all: trace.requests.length };
  if (counts.count < counts.all) context.output.note(context.translate("tune.shortened", counts));
  const facts = traceFacts({ ...trace, requests });
  const [rate, ...others] = readRates(listOption(input, "rate"), facts.requestsPerSecond);
  if (rate === undefined || others.length > 0) throw usageError("capacity.one-rate", {}, "flyball tune --help");
  return { requests, blockTokens: trace.blockTokens, facts, loadFactor: rate.factor };
}

function progressOf({ progress }: CommandContext, maxRuns: number): (settings: TuneSettings) => Promise<void> {
  let runs = 0;
  return async ({ replicas, concurrency, chunk }) => {
    runs += 1;
    progress(`${runs}/${maxRuns}  ${replicas} × ${concurrency}, ${chunk}`);
    await turn();
  };
}

/** The changed text and its difference; undefined where this file is not what decides the fields. */
async function propose(
  context: CommandContext,
  manifest: ReadManifest,
  wanted: {
    readonly target: string | undefined;
    readonly service: string;
    readonly changes: ReturnType<typeof changesBetween>;
  },
): Promise<{ readonly text: string; readonly diff: string } | undefined> {
  const before = readFileSync(manifest.path, "utf8");
  const text = editManifest(before, wanted.changes);
  if (text === undefined) return undefined;
  const loaded = await loadManifest({
    path: manifest.path,
    target: wanted.target,
    environment: context.environment,
    readFile: async (path) => (path === manifest.path ? text : await readFile(path, "utf8")),
  });
  if (!loaded.ok || !isAsChanged(loaded.spec.services[wanted.service], wanted.changes)) return undefined;
  return { text, diff: unifiedDiff(basename(manifest.path), before, text) };
}

function tellWhatNext(
  { output, translate }: CommandContext,
  path: string,
  { isProposed, isWritten }: { readonly isProposed: boolean; readonly isWritten: boolean },
): void {
  if (isWritten) output.note(translate("tune.written", { path }));
  else output.note(translate(isProposed ? "tune.how-to-write" : "tune.elsewhere"));
}
