// Runs one task: builds the draw, then simulates each policy on it.
import { policyCatalogue, simulate, summarise, type PolicySpec, type Trace } from "@flyball/sim";
import { OURS } from "./choose-policies.ts";
import type { TraceKind } from "./trace-files.ts";
import type { RunResult, Task } from "./task.ts";
import { workloadOf } from "./workloads/all-workloads.ts";

/** Yields each run as it ends. Throws when a workload or a policy is not known. */
export function* runTask(task: Task, traceOf: (kind: TraceKind) => Trace): Generator<RunResult> {
  const definition = workloadOf(task.workload);
  if (definition === undefined) throw new Error(`no workload ${task.workload}`);
  const { seed, ratePerSecond, durationMs } = task;
  const { replicas, ...built } = definition.build({ trace: traceOf, seed, ratePerSecond, durationMs });
  const jitter = task.jitter ?? 0;
  const workload = {
    ...built,
    replicas: jitter > 0 ? replicas.map((each) => ({ ...each, profile: { ...each.profile, jitter } })) : replicas,
  };
  const { profile, scale } = definition;
  for (const name of task.policies) {
    const policy = policyOf(policyCatalogue(profile), scale === undefined ? name : OURS);
    const began = performance.now();
    const plan = scale === undefined ? {} : { scale: scale.planOf(name) };
    const result = simulate({ ...workload, ...plan, policy, seed });
    const summary = summarise(result, { ...workload, profile });
    yield { policy: name, summary, tookMs: performance.now() - began };
  }
}

function policyOf(catalogue: readonly PolicySpec[], name: string): PolicySpec {
  const policy = catalogue.find((spec) => spec.name === name);
  if (policy === undefined) throw new Error(`no policy ${name}`);
  return policy;
}
