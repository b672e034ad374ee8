// Runs many cases one after the other, tells how far it is, and lets the process breathe between them.
import { setImmediate as turn } from "node:timers/promises";
import type { ShowProgress } from "../command-line/command-context.ts";
import type { CaseResult } from "./case-result.ts";
import { runCase, type CaseInput } from "./run-case.ts";

/** The results in the order of the cases. A simulation is one long computation, so an interruption ends the process as it always does. */
export async function runCases(cases: readonly CaseInput[], progress: ShowProgress): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  try {
    for (const [index, input] of cases.entries()) {
      progress(`${index + 1}/${cases.length}  ${input.policy.name}, ${input.pool.name}, ×${round(input.loadFactor)}`);
      await turn();
      results.push(runCase(input));
    }
  } finally {
    progress("");
  }
  return results;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
