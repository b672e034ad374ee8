// `flyball simulate <trace>`: replays a trace against policies, replica counts and engines, on this machine and without any of them.
import { policyCatalogue } from "@flyball/sim";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { listOption, numberOption, textOption } from "../command-line/command-input.ts";
import { checkObjective } from "../simulate/check-objective.ts";
import { choosePolicies } from "../simulate/choose-policies.ts";
import { loadTrace } from "../simulate/load-trace.ts";
import { readObjective } from "../simulate/read-objective.ts";
import { readPools } from "../simulate/read-pools.ts";
import { readRates } from "../simulate/read-rates.ts";
import { reportPage } from "../simulate/report/report-page.ts";
import type { CaseInput } from "../simulate/run-case.ts";
import { runCases } from "../simulate/run-cases.ts";
import { type SimulationReport, traceFacts } from "../simulate/simulation-report.ts";
import { simulationText } from "../simulate/simulation-text.ts";
import { checkWritable, writeWholeFile } from "../output/write-whole-file.ts";

/** Loads beside the trace's own, for the picture of goodput over load. */
const SWEEP = [0.5, 0.75, 1.25, 1.5];
const USUAL_SEED = 1;

/** Runs the command. */
export async function simulate(context: CommandContext, input: CommandInput): Promise<number> {
  const { output, translate, progress, language, version, workingDirectory } = context;
  const objective = readObjective(textOption(input, "objective"));
  const seed = numberOption(input, "seed", { min: 0, max: 2 ** 32 - 1 }) ?? USUAL_SEED;
  const pools = readPools(listOption(input, "profile"), listOption(input, "replicas"));
  const words = listOption(input, "policy");
  for (const pool of pools) {
    policiesOf(pool, words);
    checkObjective(objective, pool.profiles);
  }
  const path = textOption(input, "report");
  if (path !== undefined) checkWritable(path, workingDirectory);
  const { trace, mix } = await loadTrace(context, input);
  const rates = readRates(listOption(input, "rate"), mix?.requestsPerSecond);
  const { requests, blockTokens } = trace;
  const cases = (factors: readonly number[], isSweep: boolean): readonly CaseInput[] =>
    factors.flatMap((loadFactor) =>
      pools.flatMap((pool) =>
        policiesOf(pool, words).map((policy) => ({
          requests,
          blockTokens,
          policy,
          pool,
          loadFactor,
          objective,
          seed,
          isSweep,
        })),
      ),
    );
  const [only] = rates;
  const isSwept = path !== undefined && rates.length === 1 && mix !== undefined && only !== undefined;
  const sweep = isSwept ? SWEEP.map((factor) => factor * only.factor) : [];
  const all = [
    ...cases(
      rates.map(({ factor }) => factor),
      false,
    ),
    ...cases(sweep, true),
  ];
  const report: SimulationReport = { trace: traceFacts(trace), objective, seed, cases: await runCases(all, progress) };
  if (path !== undefined) writeWholeFile(path, workingDirectory, reportPage(report, { language, translate, version }));
  output.value(report, (style) => simulationText(report, translate, style));
  if (path !== undefined) output.note(translate("simulate.written", { path }));
  return 0;
}

function policiesOf(
  pool: ReturnType<typeof readPools>[number],
  words: readonly string[],
): ReturnType<typeof choosePolicies> {
  const [profile] = pool.profiles;
  return profile === undefined ? [] : choosePolicies(words, policyCatalogue(profile));
}
