// One instance as control knows it: what the driver observed, what probes said, and where it is on its way from start to end.
import type { Address, ExitStatus, InstanceObservation, ProbeEvidence, ResourceUsage } from "@flyball/core";

/** Where an instance is on its way. `draining` gets no new requests; `stopping` has been told to end. */
export type InstancePhase = "starting" | "ready" | "unhealthy" | "draining" | "stopping" | "exited";

/** Mutable; changed only by the instance table and the steps of the loop. */
export interface Instance {
  readonly handle: string;
  readonly service: string;
  readonly ordinal: number;
  readonly specHash: string;
  readonly revision: number;
  readonly startedAt: number;
  readonly pid: number | null;
  readonly addresses: Readonly<Record<string, Address>>;
  phase: InstancePhase;
  /** When it became ready, anew after each time it was unhealthy. */
  readyAt?: number;
  wasReady: boolean;
  /** Failed probes in a row, and those at the end of them to which nothing came back. */
  failedProbes: number;
  silentProbes: number;
  /** When the first of the failed probes was, of those that made it unhealthy. */
  unhealthySince?: number;
  /** Wall time of the last sign of life: its start, an answer to a probe, good or bad, or something that moved in a request. */
  lastSignAt: number;
  /** Its last probe was silent, and a signal had stopped its process. */
  isStopped: boolean;
  /** Requests wait for it and nothing has come back for a while: a probe is to find out. */
  isDoubted: boolean;
  /** Of a service with spares: it gets requests. Once taken in it stays in. */
  isTakenIn: boolean;
  /** The gateway sends nothing here but trials. */
  isEjectedByGateway: boolean;
  lastProbe?: ProbeEvidence;
  /** A person or a dependency asked for its replacement. */
  isToBeReplaced: boolean;
  drainSince?: number;
  /** Pools whose gateway endpoint is known to be idle while draining. */
  readonly idlePools: Set<string>;
  exit?: ExitStatus;
  usage?: ResourceUsage;
  cpuPercent?: number;
  /** Measurements in a row above the memory limit. */
  overMemoryLimit: number;
  /** Wall time of the last bad request that the gateway saw here. */
  lastBadAt?: number;
  lastGoodAt?: number;
}

/** A new record of a running or exited instance. */
export function instanceFrom(observation: InstanceObservation): Instance {
  return {
    handle: observation.handle,
    service: observation.service,
    ordinal: observation.ordinal,
    specHash: observation.specHash,
    revision: observation.revision,
    startedAt: observation.startedAt,
    pid: observation.identity?.pid ?? null,
    addresses: observation.addresses,
    phase: observation.state === "exited" ? "exited" : "starting",
    wasReady: false,
    failedProbes: 0,
    silentProbes: 0,
    lastSignAt: observation.startedAt,
    isStopped: false,
    isDoubted: false,
    isTakenIn: false,
    isEjectedByGateway: false,
    isToBeReplaced: false,
    idlePools: new Set(),
    overMemoryLimit: 0,
    ...(observation.exit === undefined ? {} : { exit: observation.exit }),
  };
}

/** `question/0`, the name that users read and type. */
export function instanceName(instance: { readonly service: string; readonly ordinal: number }): string {
  return `${instance.service}/${instance.ordinal}`;
}

/** Id of the gateway endpoint of an instance in a pool; never used again for another instance. */
export function endpointId(instance: Pick<Instance, "service" | "ordinal" | "startedAt">, pool: string): string {
  return `${pool}/${instance.ordinal}@${instance.startedAt}`;
}

/** Whether the instance runs and is not on its way out. */
export function isActive(instance: Instance): boolean {
  return instance.phase === "starting" || instance.phase === "ready" || instance.phase === "unhealthy";
}

/** Whether a process exists. */
export function isAlive(instance: Instance): boolean {
  return instance.phase !== "exited";
}

/** One-off instances of `flyball run` are nobody's desired state: the loop leaves them alone. */
export function isOneOff(service: string): boolean {
  return service.includes("@");
}
