// What is suspected at this moment: instances that answer their probes badly or not at all, and what the detectors see. It is taken from how things
// are and not from what just happened, so nothing is lost when a pass cannot act on it.
import type { ComposedText, IncidentClass } from "@flyball/core";
import type { Finding } from "@flyball/traffic";
import type { ControlContext } from "../control-context.ts";
import { httpPools } from "../desired/listeners-of.ts";
import { endpointId, instanceName, isActive, type Instance } from "../observe/instance.ts";
import { composeText, storedText, verbatim } from "../texts/compose-text.ts";
import type { Suspect } from "./suspect.ts";

/** Instances that are unhealthy now. */
export function suspectsOfProbes({ state, clock }: ControlContext): readonly Suspect[] {
  return state.table.all().flatMap((instance): Suspect[] => {
    const { phase, lastProbe, failedProbes: failures } = instance;
    if (phase !== "unhealthy" || lastProbe === undefined || failures === 0) return [];
    const since = instance.unhealthySince ?? clock.now();
    return [
      {
        class: classOf(instance),
        subject: subjectOf(instance),
        revision: instance.revision,
        began: { lastGood: Math.min(instance.lastGoodAt ?? since, since), firstBad: since, source: "evidence" },
        summary: instance.isStopped
          ? composeText("probe.is-stopped", { instance: instanceName(instance) })
          : composeText("probe.failed-in-a-row", { instance: instanceName(instance), failures }),
        evidence: storedText(lastProbe, "transcript"),
        source: "probe",
      },
    ];
  });
}

function classOf({ wasReady, failedProbes, silentProbes }: Instance): IncidentClass {
  if (!wasReady) return "start-failed";
  return silentProbes >= failedProbes ? "frozen" : "failed-health";
}

/** What the detectors see. Findings about what is not there any more are left out. */
export function suspectsOfFindings(context: ControlContext): readonly Suspect[] {
  const findings = context.state.detectors.find(context.clock.now());
  if (findings.length === 0) return [];
  const places = placesOf(context);
  return findings.flatMap((finding): Suspect[] => {
    const place = places.get(finding.subject);
    if (place === undefined) return [];
    return [
      {
        class: finding.class,
        subject: place.instance === undefined ? { service: place.service } : subjectOf(place.instance),
        revision: place.instance?.revision ?? context.state.revision?.number ?? 0,
        began: { ...finding.began, source: "evidence" },
        summary: summaryOf(finding, place.instance === undefined ? place.service : instanceName(place.instance)),
        evidence: evidenceOf(finding),
        source: "gateway",
      },
    ];
  });
}

interface FoundPlace {
  readonly service: string;
  readonly instance?: Instance;
}

/** Instances by the ids of their endpoints, and services by their pools. */
function placesOf(context: ControlContext): ReadonlyMap<string, FoundPlace> {
  const places = new Map<string, FoundPlace>();
  for (const service of Object.values(context.effective()?.spec.services ?? {})) {
    for (const { pool } of httpPools(service)) {
      places.set(pool, { service: service.name });
      if (service.external !== undefined) places.set(`${pool}/external`, { service: service.name });
      for (const instance of context.state.table.of(service.name))
        if (isActive(instance)) places.set(endpointId(instance, pool), { service: service.name, instance });
    }
  }
  return places;
}

function subjectOf({ service, ordinal, handle }: Instance): Suspect["subject"] {
  return { service, ordinal, handle };
}

function summaryOf({ class: kind }: Finding, subject: string): ComposedText {
  switch (kind) {
    case "stuck-requests":
    case "stuck-streams":
    case "engine-stalled":
    case "frozen":
    case "slow":
    case "bad-output":
    case "rate-limited":
    case "quota-spent":
    case "overload":
      return composeText(`suspect.${kind}`, { subject });
    default:
      return composeText("suspect.other", { subject, kind });
  }
}

/** The numbers as they are: `stalledMs 9000, waiting 3`. */
function evidenceOf({ facts }: Finding): ComposedText {
  return verbatim(
    Object.entries(facts)
      .map(([name, value]) => `${name} ${value}`)
      .join(", "),
  );
}
