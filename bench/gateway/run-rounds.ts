// The rounds: in each, every candidate has its turn on a machine where only the upstreams run beside it, and the order moves on by one
// with each round. So what drifts on the machine meets all of them alike.
import type { Bench } from "./bench.ts";
import type { Candidate } from "./candidates/candidate.ts";
import { peakResidentMebibytes } from "./machine/accounting.ts";
import { measureWorkload, type Measures } from "./measure-workload.ts";
import type { Upstreams } from "./upstream/start-upstreams.ts";
import type { BenchPlan } from "./workload.ts";

/** A candidate with a number of workers. */
export interface Entrant {
  /** `nginx`, or `nginx ×2`. */
  readonly label: string;
  readonly candidate: Candidate;
  readonly workers: number;
}

/** What one turn of an entrant brought. */
export interface Turn {
  readonly round: number;
  readonly label: string;
  readonly measures: Measures;
  /** What of it could not be measured, and why. */
  readonly problems: readonly string[];
}

/** What the rounds need. */
export interface Rounds {
  readonly bench: Bench;
  readonly wrk: string;
  readonly upstreams: Upstreams;
  readonly plan: BenchPlan;
  readonly entrants: readonly Entrant[];
}

/** Runs all of them. */
export async function runRounds(options: Rounds): Promise<readonly Turn[]> {
  const { bench, plan, entrants } = options;
  const turns: Turn[] = [];
  for (let round = 0; round < plan.rounds; round += 1) {
    const first = round % entrants.length;
    for (const entrant of [...entrants.slice(first), ...entrants.slice(0, first)]) {
      bench.tell(`round ${round + 1} of ${plan.rounds}: ${entrant.label}`);
      turns.push(await runTurn(options, entrant, round));
    }
  }
  return turns;
}

async function runTurn(options: Rounds, { label, candidate, workers }: Entrant, round: number): Promise<Turn> {
  const { bench, plan, upstreams } = options;
  const problems: string[] = [];
  const measures: Record<string, number> = {};
  const attempt = async (what: string, measure: () => Promise<Measures>): Promise<void> => {
    try {
      Object.assign(measures, await measure());
    } catch (error) {
      problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      bench.tell(`  ${problems.at(-1)}`);
    }
  };
  await attempt("start", async () => {
    const running = await candidate.start({ bench, upstreams, workers });
    await attempt("warm-up", async () => {
      for (const workload of plan.warmUps) await measureWorkload(options, running, workload);
      return {};
    });
    for (const workload of plan.workloads) {
      if ((workers > 1 && !workload.isForWorkers) || (workload.isOnce && round > 0)) continue;
      await attempt(workload.id, () => measureWorkload(options, running, workload));
    }
    const serving = running.servingPids();
    const beside = running.besidePids();
    if (serving.length > 0) measures["memory.peakMib"] = peakResidentMebibytes(serving);
    if (beside.length > 0) measures["memory.besideMib"] = peakResidentMebibytes(beside);
    await attempt("cold start", async () => ({ "start.coldMs": await running.coldStartMs() }));
    await running.stop();
    return {};
  });
  return { round, label, measures, problems };
}
