// How many requests an instance has at once, and how those are treated for whom there is no place, as a manifest says it.
import type { ServiceSpec } from "../../app-spec.ts";
import type { ScheduleSpec } from "../../schedule-spec.ts";
import { formatDuration } from "../resolve/quantities.ts";
import { withoutEmpty } from "./without-empty.ts";

/** The keys of a service; those without a value are undefined. */
export function queueToPlain({ concurrency, balance, maxWaitMs, schedule }: ServiceSpec): Record<string, unknown> {
  return {
    concurrency,
    balance,
    max_wait: maxWaitMs === undefined ? undefined : formatDuration(maxWaitMs),
    schedule: schedule && scheduleToPlain(schedule),
  };
}

function scheduleToPlain(spec: ScheduleSpec): Record<string, unknown> {
  return withoutEmpty({
    classes: spec.classWeights,
    order: spec.order,
    gamma: spec.gammaPerSecond,
    prefix_affinity: spec.hasPrefixAffinity,
    prefix_threshold: spec.prefixThreshold,
    prompt_chunks: spec.promptChunks,
    kv_utilization: spec.kvUtilization,
    kv_tokens: spec.kvTokens,
    itl_objective: spec.itlObjectiveMs === undefined ? undefined : formatDuration(spec.itlObjectiveMs),
    slow_start: spec.slowStartMs === undefined ? undefined : formatDuration(spec.slowStartMs),
  });
}
