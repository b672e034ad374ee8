// What a service says of its scheduling. Only that: a revision without it keeps its hash, and defaults stay those of whoever schedules.
import type { ScheduleSpec } from "../../schedule-spec.ts";
import type { ScheduleInput } from "../schema/schedule.ts";
import { parseDuration } from "./quantities.ts";

/** The knobs that are named; undefined: none is. */
export function resolveSchedule(input: ScheduleInput | undefined): ScheduleSpec | undefined {
  if (input === undefined) return undefined;
  const { classes, order, gamma, prefix_affinity, prefix_threshold } = input;
  const { prompt_chunks, kv_utilization, kv_tokens, itl_objective, slow_start } = input;
  const classWeights = named({ high: classes?.high, normal: classes?.normal, low: classes?.low });
  return named({
    classWeights,
    order,
    gammaPerSecond: gamma,
    hasPrefixAffinity: prefix_affinity,
    prefixThreshold: prefix_threshold,
    promptChunks: prompt_chunks,
    kvUtilization: kv_utilization,
    kvTokens: kv_tokens,
    itlObjectiveMs: itl_objective === undefined ? undefined : parseDuration(itl_objective),
    slowStartMs: slow_start === undefined ? undefined : parseDuration(slow_start),
  });
}

/** The members that have a value; undefined: none has. */
function named<T extends object>(members: T): { [K in keyof T]?: NonNullable<T[K]> } | undefined {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> });
}
