// Whom a fault hits: drawn by the seed among those that fit. The rest of the service must be able to carry the load.
import type { AppStatus, Random, ServiceStatus } from "@flyball/core";
import type { FaultDefinition } from "../fault.ts";
import type { DrillReason } from "./drill-reason.ts";
import { pick } from "./seeded-random.ts";

/** What the referee must know of a service beyond its status. */
export interface ServiceFacts {
  readonly service: string;
  readonly hasHttp: boolean;
  readonly servesModel: boolean;
  readonly isStateful: boolean;
  /** Others need it to be ready. */
  readonly hasDependants: boolean;
  /** A fault proxy stands in front of its instances. */
  readonly hasProxy: boolean;
}

/** A choice, before its processes are looked up. Services of Flyball itself begin with `@`. */
export interface ChosenVictim {
  readonly service: string;
  /** Absent: no instance. Several: all instances of a dependency. */
  readonly instances: readonly { readonly ordinal: number; readonly pid: number; readonly port: number | null }[];
}

/** Why nobody was chosen. */
export interface NoVictim {
  readonly reason: DrillReason;
}

/** The rest may be loaded to this share of what it can do. */
const MOST_LOAD = 0.85;

/** Draws a victim. */
export function chooseVictim(
  fault: Pick<FaultDefinition, "victim" | "needs">,
  status: AppStatus,
  options: { readonly facts: readonly ServiceFacts[]; readonly random: Random },
): ChosenVictim | NoVictim {
  const { facts, random } = options;
  switch (fault.victim) {
    case "gateway":
    case "gateway-worker":
      return { service: "@gateway", instances: [] };
    case "control":
      return { service: "@control", instances: [] };
    case "keeper":
      return { service: "@keeper", instances: [] };
    default:
  }
  const noVictim: NoVictim = { reason: { code: "no-victim", victim: fault.victim, needs: fault.needs } };
  const isFit = (fact: ServiceFacts, service: ServiceStatus): boolean =>
    fact.hasHttp &&
    (!fault.needs.includes("proxy") || fact.hasProxy) &&
    (fault.victim !== "engine" || fact.servesModel) &&
    (fault.victim !== "dependency" || fact.hasDependants) &&
    (!needsTwo(fault) || (service.ready >= 2 && !fact.isStateful));
  const fit = status.services.filter((service) =>
    facts.some((fact) => fact.service === service.service && isFit(fact, service)),
  );
  const service = pick(fit, random);
  if (service === undefined) return noVictim;
  const ready = service.instances.flatMap(({ instance, pid, port, state }) =>
    pid === null || state !== "ready" ? [] : [{ ordinal: Number(instance.split("/").at(-1)), pid, port }],
  );
  if (fault.victim === "dependency") return { service: service.service, instances: ready };
  if (fault.victim === "service") return { service: service.service, instances: [] };
  const load = service.weightedAverageLoad ?? 0;
  const loadAfter = (load * ready.length) / Math.max(1, ready.length - 1);
  if (ready.length >= 2 && loadAfter > MOST_LOAD) {
    return { reason: { code: "too-loaded", service: service.service, percent: Math.round(loadAfter * 100) } };
  }
  const instance = pick(ready, random);
  return instance === undefined ? noVictim : { service: service.service, instances: [instance] };
}

function needsTwo({ victim, needs }: Pick<FaultDefinition, "victim" | "needs">): boolean {
  return needs.includes("two-replicas") || victim === "instance" || victim === "engine";
}
