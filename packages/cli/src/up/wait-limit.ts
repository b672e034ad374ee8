// How long `up` waits for a revision: as long as a person says, else ten minutes, or longer where the manifest itself says that starting
// takes longer.
import type { AppSpec } from "@flyball/core";
import type { WaitLimit } from "./reach-revision.ts";

const DEFAULT_MS = 10 * 60_000;

/** The limit for a spec; `chosenMs` is the person's. */
export function waitLimitOf(spec: AppSpec, chosenMs: number | undefined): WaitLimit {
  if (chosenMs !== undefined) return { limitMs: chosenMs, waitsForJobs: false };
  // One after the other, as a chain of dependencies starts; twice, because one may fail and be started again.
  const startPeriods = Object.values(spec.services).map(({ healthcheck }) => healthcheck?.startPeriodMs ?? 0);
  const chainMs = startPeriods.reduce((sum, periodMs) => sum + periodMs, 0);
  return { limitMs: Math.max(DEFAULT_MS, 2 * chainMs), waitsForJobs: true };
}
