// What cases are called in legends and tables: by what differs between them.
import type { CaseResult } from "../case-result.ts";

/** A name for each case, in their order: the policy, with the pool where there is more than one. */
export function caseNames(cases: readonly Pick<CaseResult, "policy" | "pool">[]): readonly string[] {
  const hasPools = new Set(cases.map(({ pool }) => pool)).size > 1;
  return cases.map(({ policy, pool }) => (hasPools ? `${policy} · ${pool}` : policy));
}
