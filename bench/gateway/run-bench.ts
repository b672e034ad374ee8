// One run from the look at what is installed to the report.
import { createTemporaryFolder } from "@flyball/fakes";
import type { Bench } from "./bench.ts";
import type { Candidate } from "./candidates/candidate.ts";
import { candidates } from "./candidates/candidate-list.ts";
import { createCleanUp } from "./machine/clean-up.ts";
import type { BenchOptions } from "./options.ts";
import type { BenchResult } from "./report/print-report.ts";
import { runRounds, type Entrant } from "./run-rounds.ts";
import { startUpstreams } from "./upstream/start-upstreams.ts";
import { benchPlan, type BenchPlan } from "./workload.ts";

/** Runs the bench. */
export async function runBench(options: BenchOptions): Promise<BenchResult> {
  const startedAt = performance.now();
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  const cleanUp = createCleanUp(tell);
  try {
    const folder = await createTemporaryFolder("fbg-");
    cleanUp.defer(() => folder.dispose());
    const bench: Bench = { folder: folder.path, cleanUp, tell };
    const { wrk, nginx } = options.programs;
    const plan = planOf(options);
    const versions: Record<string, string> = {};
    const absent: Record<string, string> = {};
    const present: Candidate[] = [];
    for (const candidate of candidates) {
      if (!(options.only?.includes(candidate.name) ?? candidate.isOnRequest !== true)) continue;
      const found = await candidate.prepare(bench, options.mayInstall);
      if (found.absent === undefined) present.push(candidate);
      else absent[candidate.name] = found.absent;
      if (found.version !== undefined) versions[candidate.name] = found.version;
    }
    const upstreams = await startUpstreams(bench, nginx);
    const entrants = entrantsOf(present, plan);
    const turns = await runRounds({ bench, wrk, upstreams, plan, entrants });
    const seconds = (performance.now() - startedAt) / 1000;
    return { plan, isQuick: options.isQuick, turns, versions, absent, seconds };
  } finally {
    await cleanUp.run();
  }
}

function planOf({ isQuick, rounds, workloads }: BenchOptions): BenchPlan {
  const plan = benchPlan(isQuick);
  return {
    ...plan,
    rounds: rounds ?? plan.rounds,
    workloads: plan.workloads.filter(({ id }) => workloads?.includes(id) ?? true),
  };
}

function entrantsOf(present: readonly Candidate[], plan: BenchPlan): readonly Entrant[] {
  const isForWorkers = plan.workloads.some((workload) => workload.isForWorkers);
  return plan.workerCounts.flatMap((workers) =>
    present
      .filter(({ hasWorkers }) => workers === 1 || (hasWorkers && isForWorkers))
      .map((candidate) => ({
        candidate,
        workers,
        label: workers === 1 ? candidate.name : `${candidate.name} ×${workers}`,
      })),
  );
}
