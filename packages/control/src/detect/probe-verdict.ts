// What a probe means for an instance. Pure: the same record and the same evidence give the same phase. A failure inside the start
// period counts for nothing; a detector that was itself late has no vote (design: self-doubt). Of a process that was seen to be stopped, one silent
// probe is enough: it does not come back by itself.
import type { HealthcheckSpec, ProbeEvidence } from "@flyball/core";
import type { Instance } from "../observe/instance.ts";

/** The next phase with the count of failures. */
export interface ProbeVerdict {
  readonly phase: "starting" | "ready" | "unhealthy";
  readonly failedProbes: number;
}

/** Judges one probe of an active instance. */
export function probeVerdict(
  instance: Pick<Instance, "phase" | "failedProbes" | "startedAt" | "wasReady">,
  healthcheck: HealthcheckSpec,
  evidence: ProbeEvidence,
): ProbeVerdict {
  if (evidence.isHealthy) return { phase: "ready", failedProbes: 0 };
  const failedProbes = instance.failedProbes + 1;
  const isInStartPeriod = !instance.wasReady && evidence.at - instance.startedAt < healthcheck.startPeriodMs;
  if (instance.phase === "starting" && isInStartPeriod) return { phase: "starting", failedProbes: 0 };
  if (failedProbes >= healthcheck.retries || evidence.isStopped === true) return { phase: "unhealthy", failedProbes };
  return {
    phase: instance.phase === "ready" ? "ready" : instance.phase === "unhealthy" ? "unhealthy" : "starting",
    failedProbes,
  };
}
