// Which policies a workload is run under.
import { policyCatalogue, type PolicySpec } from "@flyball/sim";
import { KNEE_POLICY } from "./find-knees.ts";
import type { BenchOptions } from "./options.ts";
import type { PolicyGroup, WorkloadDefinition } from "./workloads/definition.ts";

/** Our own, as it ships. */
export const OURS = "flyball";

/** Bars are judged between these multiples of the knee. */
export const JUDGED = { from: 0.95, to: 1.05 } as const;

/**
 * Names in the catalogue's order, for one load. Always with ours and the one by which knees are told. Loads at which no bar is judged show the
 * shape of the curve, for which one policy of each kind is enough.
 */
export function choosePolicies(
  definition: WorkloadDefinition,
  options: BenchOptions,
  point: number,
): readonly string[] {
  if (definition.scale !== undefined) return definition.scale.names;
  const chosen = choose(definition, options).map(({ name }) => name);
  const isJudged = point >= JUDGED.from && point <= JUDGED.to;
  if (isJudged || options.isComplete || options.policies.length > 0) return chosen;
  return chosen.filter((name) => OF_CURVES.has(name));
}

function choose(definition: WorkloadDefinition, options: BenchOptions): readonly PolicySpec[] {
  const catalogue = policyCatalogue(definition.profile).filter(
    ({ name }) => definition.isMixed === true || !name.includes("weighted by hand"),
  );
  const isAlways = ({ name }: PolicySpec): boolean => name === OURS || name === KNEE_POLICY;
  if (definition.isAuxiliary === true) return catalogue.filter(isAlways);
  if (options.policies.length > 0) {
    return catalogue.filter((spec) => isAlways(spec) || options.policies.some((part) => spec.name.includes(part)));
  }
  if (options.isComplete) return catalogue;
  const isShipped = ({ form, name }: PolicySpec): boolean =>
    form === "shipped" && (definition.isBrief !== true || CHIEF.has(name));
  return catalogue.filter((spec) => isAlways(spec) || isShipped(spec) || isIn(spec, definition.groups));
}

/** One of each kind: blind, by count, by load and prefix, by prompt length. */
const CHIEF: ReadonlySet<string> = new Set([
  "round-robin",
  "token-aware (llm-d)",
  "wspt queue (Dynamo)",
  "shortest prompt first in engines",
]);

/** First come, first served on our queue stands for holding alone, in every table. */
const HELD_FCFS = `${KNEE_POLICY} + queue`;

const OF_CURVES: ReadonlySet<string> = new Set([
  ...CHIEF,
  KNEE_POLICY,
  HELD_FCFS,
  OURS,
  `${OURS}, by arrival`,
  "oracle: SRTF by work",
]);

function isIn(spec: PolicySpec, groups: readonly PolicyGroup[]): boolean {
  if (spec.form === "held") {
    if (spec.name === HELD_FCFS) return true;
    return groups.includes(spec.isOrder === true ? "held orders" : "held placements");
  }
  if (spec.form === "oracle") return groups.includes("oracles");
  // The arrival order on our own queue is what starvation is measured by.
  return groups.includes("ablations") || spec.name === `${OURS}, by arrival`;
}
