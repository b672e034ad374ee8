// What a service says of its scheduling, as its manifest says it.
import type { ScheduleSpec } from "../../schedule-spec.ts";
import { formatDuration } from "../resolve/quantities.ts";

/** The keys of `schedule`; those without a value are undefined. */
export function scheduleToPlain(spec: ScheduleSpec): Readonly<Record<string, unknown>> {
  return {
    classes: spec.classWeights,
    order: spec.order,
    gamma: spec.gammaPerSecond,
    prefix_affinity: spec.hasPrefixAffinity,
    prefix_threshold: spec.prefixThreshold,
    prompt_chunks: spec.promptChunks,
    kv_utilization: spec.kvUtilization,
    kv_tokens: spec.kvTokens,
    slow_start: spec.slowStartMs === undefined ? undefined : formatDuration(spec.slowStartMs),
  };
}
