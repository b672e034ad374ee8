// `flyball simulate capacity <trace>`: how many replicas an objective needs, why, and whether a simulation agrees.
import { setImmediate as turn } from "node:timers/promises";
import { policyCatalogue } from "@flyball/sim";
import type { CommandContext, CommandInput } from "../command-line/command-context.ts";
import { listOption, numberOption, parseWholeNumber, textOption } from "../command-line/command-input.ts";
import { usageError } from "../messages/localised-error.ts";
import { checkObjective } from "../simulate/check-objective.ts";
import { findCapacity, type CapacityResult } from "../simulate/capacity-result.ts";
import { capacityText } from "../simulate/capacity-text.ts";
import { choosePolicies } from "../simulate/choose-policies.ts";
import { loadTrace } from "../simulate/load-trace.ts";
import { readAttainment } from "../simulate/read-attainment.ts";
import { readObjective } from "../simulate/read-objective.ts";
import { readProfile } from "../simulate/read-pools.ts";
import { readRates } from "../simulate/read-rates.ts";
import { traceFacts } from "../simulate/simulation-report.ts";
import { objectiveText, traceText } from "../simulate/simulation-text.ts";
import { splitList } from "../simulate/split-list.ts";

const USUAL_SEED = 1;
const USUAL_MOST = 256;
const USUAL_PROFILE = "8b-a100";
const UNHEALTHY = 3;

/** Runs the command; exit code 3 when no number of replicas keeps the objective. */
export async function simulateCapacity(context: CommandContext, input: CommandInput): Promise<number> {
  const { output, translate, progress } = context;
  const objective = readObjective(textOption(input, "objective"));
  const attainment = readAttainment(input);
  const seed = numberOption(input, "seed", { min: 0, max: 2 ** 32 - 1 }) ?? USUAL_SEED;
  const maxReplicas = parseWholeNumber(textOption(input, "maxReplicas") ?? String(USUAL_MOST), "--max-replicas", {
    min: 1,
    max: 1_000,
  });
  const names = splitList(listOption(input, "profile"));
  const profiles = (names.length === 0 ? [USUAL_PROFILE] : names).map(readProfile);
  for (const profile of profiles) checkObjective(objective, [profile]);
  const { trace, mix } = await loadTrace(context, input);
  if (mix === undefined) throw usageError("simulate.no-span", {}, "flyball simulate capacity --help");
  const [rate, ...others] = readRates(listOption(input, "rate"), mix.requestsPerSecond);
  if (rate === undefined || others.length > 0)
    throw usageError("capacity.one-rate", {}, "flyball simulate capacity --help");
  const results: CapacityResult[] = [];
  for (const profile of profiles) {
    const [policy] = choosePolicies([textOption(input, "policy") ?? "flyball"], policyCatalogue(profile));
    if (policy === undefined) continue;
    const onTrial = async (replicas: number): Promise<void> => {
      progress(`${replicas} × ${profile.name}, ${policy.name}`);
      await turn();
    };
    const question = {
      profile,
      trace,
      mix,
      loadFactor: rate.factor,
      objective,
      attainment,
      policy,
      seed,
      maxReplicas,
      onTrial,
    };
    results.push(await findCapacity(question));
    progress("");
  }
  const facts = traceFacts(trace);
  output.value({ trace: facts, objective, attainment, seed, results }, (style) =>
    [
      traceText(facts, translate),
      objectiveText(objective, translate, seed),
      "",
      results.map((result) => capacityText(result, translate, style)).join("\n\n"),
    ].join("\n"),
  );
  return results.every(({ replicas }) => replicas !== undefined) ? 0 : UNHEALTHY;
}
