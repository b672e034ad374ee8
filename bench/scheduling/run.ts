// The scheduling bench: our router against all baselines on all workloads, in simulation.
//   node tools/launch.mjs run node bench/scheduling/run.ts [--workloads W3,W1] [--quick] [--resume FILE] [--data FOLDER]
// Tables go to stdout, progress to stderr, every figure to a file of lines of JSON. Nothing is asserted.
import { readCommandLine } from "../support/command-line.ts";
import { describeMachine } from "../support/report.ts";
import { choosePolicies } from "./choose-policies.ts";
import { capacityOf, kneeOf } from "./find-knees.ts";
import { readOptions, USAGE, type BenchOptions } from "./options.ts";
import { createProgress } from "./progress.ts";
import { printReport } from "./report/print-report.ts";
import { openResultsFile } from "./results-file.ts";
import { findTrace } from "./trace-files.ts";
import { createWorkerPool } from "./worker-pool.ts";
import { ALL_WORKLOADS, workloadOf } from "./workloads/all-workloads.ts";
import type { WorkloadDefinition } from "./workloads/definition.ts";

const options = readCommandLine(USAGE, process.argv.slice(2), (line) => readOptions(line, process.env));
const results = openResultsFile(options.file);
const pool = createWorkerPool(options.workers, options.dataFolder);
const progress = createProgress(process.stderr);

try {
  progress.say(`results: ${results.path}`);
  for (const definition of chosen(options)) {
    const missing = definition.traces.filter((kind) => findTrace(options.dataFolder, kind) === undefined);
    if (missing.length === 0) await runWorkload(definition);
    else
      progress.say(`${definition.id} is skipped: ${options.dataFolder} has no trace of the kind ${missing.join(", ")}`);
  }
  printReport(results.lines, options);
  console.log(`\n${describeMachine()}`);
} finally {
  await pool.dispose();
}

/** What was asked for, with what it refers to. */
function chosen({ workloads }: BenchOptions): readonly WorkloadDefinition[] {
  if (workloads.length === 0) return ALL_WORKLOADS;
  return ALL_WORKLOADS.filter(({ id }) => workloads.some((asked) => id === asked || id.startsWith(`${asked}-`)));
}

async function runWorkload(definition: WorkloadDefinition): Promise<void> {
  const measured = definition.kneeOf === undefined ? definition : workloadOf(definition.kneeOf);
  if (measured === undefined) throw new Error(`no workload ${definition.kneeOf}`);
  progress.say(`${definition.id}: ${definition.title}`);
  const knee = await kneeOf(measured, { options, results, pool });
  progress.say(`${definition.id}: the knee is at ${knee.toFixed(3)} requests/s`);
  // Auxiliary ones that only tell a knee are not judged.
  if (definition.isAuxiliary === true && definition.kneeOf === undefined) return;
  for (const policy of definition.capacities ?? []) {
    const capacity = await capacityOf(definition, policy, { options, results, pool });
    progress.say(`${definition.id}: ${policy} keeps the objective up to ${capacity.toFixed(3)} requests/s`);
  }
  // A day has its own highs and lows: it is run at one load.
  const points = definition.scale === undefined ? options.points : [1];
  const draws = points.flatMap((point) => options.seeds.map((seed) => ({ point, seed })));
  const { durationMs, jitter } = options;
  const tasks = draws.map(({ point, seed }) => {
    const ratePerSecond = knee * point;
    const line = { workload: definition.id, point, seed, durationMs, ratePerSecond };
    const policies = choosePolicies(definition, options, point);
    return { line, policies: policies.filter((policy) => !results.has({ ...line, policy })) };
  });
  progress.begin(tasks.reduce((sum, task) => sum + task.policies.length, 0));
  await Promise.all(
    tasks
      .filter((task) => task.policies.length > 0)
      .map(async ({ line, policies: missing }) => {
        await pool.run({ ...line, jitter, policies: missing }, ({ policy, summary, tookMs }) => {
          results.add({ kind: "run", ...line, policy, summary, tookMs });
          progress.step(definition.id);
        });
      }),
  );
}
