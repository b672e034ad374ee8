// The knee of each workload: the greatest load at which least-request with first come, first served in the engines keeps 95 % of the requests
// within the standard objective; on seeds of its own.
import { findKnee } from "@flyball/sim";
import type { BenchOptions } from "./options.ts";
import type { ResultsFile } from "./results-file.ts";
import type { WorkerPool } from "./worker-pool.ts";
import type { WorkloadDefinition } from "./workloads/definition.ts";

/** The policy by which knees are told. */
export const KNEE_POLICY = "least-request";
const ATTAINMENT = 0.95;

/** What is needed to look for one. */
export interface KneeContext {
  readonly options: BenchOptions;
  readonly results: ResultsFile;
  readonly pool: WorkerPool;
}

/** Requests per second at the knee; taken from the file where it stands there. */
export async function kneeOf(definition: WorkloadDefinition, context: KneeContext): Promise<number> {
  return await capacityOf(definition, KNEE_POLICY, context);
}

/** The greatest rate at which a policy keeps the workload's own objective for 95 %: its SLO capacity. */
export async function capacityOf(
  definition: WorkloadDefinition,
  policy: string,
  context: KneeContext,
): Promise<number> {
  const { options, results } = context;
  const { durationMs, kneeTolerance: tolerance } = options;
  const workload = definition.id;
  const known = results.lines.find(
    (line) =>
      line.kind === "capacity" &&
      line.workload === workload &&
      line.policy === policy &&
      line.durationMs === durationMs &&
      line.tolerance <= tolerance,
  );
  if (known?.kind === "capacity") return known.ratePerSecond;
  const ratePerSecond = await findKnee({
    start: definition.startRate,
    attainment: ATTAINMENT,
    tolerance,
    async measure(rate) {
      const shares = await Promise.all(
        options.kneeSeeds.map((seed) => goodputOf({ definition, policy, seed, ratePerSecond: rate }, context)),
      );
      return shares.reduce((sum, share) => sum + share, 0) / shares.length;
    },
  });
  results.add({ kind: "capacity", workload, policy, durationMs, tolerance, ratePerSecond });
  return ratePerSecond;
}

async function goodputOf(
  probe: {
    readonly definition: WorkloadDefinition;
    readonly policy: string;
    readonly seed: number;
    readonly ratePerSecond: number;
  },
  { options, results, pool }: KneeContext,
): Promise<number> {
  const { definition, policy, seed, ratePerSecond } = probe;
  const { durationMs } = options;
  const known = results.lines.find(
    (line) =>
      line.kind === "probe" &&
      line.workload === definition.id &&
      line.policy === policy &&
      line.seed === seed &&
      line.durationMs === durationMs &&
      Math.abs(line.ratePerSecond / ratePerSecond - 1) < 1e-9,
  );
  if (known?.kind === "probe") return known.goodput;
  let goodput = Number.NaN;
  await pool.run({ workload: definition.id, ratePerSecond, seed, durationMs, policies: [policy] }, ({ summary }) => {
    goodput = summary.goodput.own;
  });
  results.add({ kind: "probe", workload: definition.id, policy, seed, durationMs, ratePerSecond, goodput });
  return goodput;
}
