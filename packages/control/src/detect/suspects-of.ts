// What is suspected at this moment: instances that answer their probes badly or not at all, and what the detectors see. It is taken from how things
// are and not from what just happened, so nothing is lost when a pass cannot act on it.
import type { ComposedText, IncidentClass } from "@flyball/core";
import type { Finding } from "@flyball/traffic";
import type { ControlContext } from "../control-context.ts";
import { httpPools } from "../desired/listeners-of.ts";
import { endpointId, instanceName, isActive, type Instance } from "../observe/instance.ts";
import { composeText, storedText, verbatim } from "../texts/compose-text.ts";
import { outsidePlaceOf, outsidePlaces, type OutsidePlace } from "./outside.ts";
import type { Suspect } from "./suspect.ts";
import { findReleases } from "./watch-releases.ts";

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
  const findings = [...context.state.detectors.find(context.clock.now()), ...findReleases(context)];
  if (findings.length === 0) return [];
  const places = placesOf(context);
  return findings.flatMap((finding): Suspect[] => {
    const place = places.of(finding.subject);
    // A service of the app that is down has findings and exits of its own.
    if (place === undefined || (finding.class === "dependency-down" && place.outside === undefined)) return [];
    return [
      {
        class: finding.class,
        subject:
          place.instance === undefined ? (place.outside ?? { service: place.service }) : subjectOf(place.instance),
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
  /** It is somebody else's. */
  readonly outside?: Suspect["subject"];
}

/** Instances by the ids of their endpoints, services by their pools, and what is outside by either. */
function placesOf(context: ControlContext): { of(subject: string): FoundPlace | undefined } {
  const spec = context.effective()?.spec;
  const places = new Map<string, FoundPlace>();
  for (const service of Object.values(spec?.services ?? {})) {
    places.set(service.name, { service: service.name });
    for (const { pool } of httpPools(service)) {
      places.set(pool, { service: service.name });
      for (const instance of context.state.table.of(service.name))
        if (isActive(instance)) places.set(endpointId(instance, pool), { service: service.name, instance });
    }
  }
  const outside = spec === undefined ? new Map<string, OutsidePlace>() : outsidePlaces(spec);
  return {
    of(subject) {
      const place = outsidePlaceOf(outside, subject);
      return place === undefined ? places.get(subject) : { service: place.subject.service, outside: place.subject };
    },
  };
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
    case "dependency-down":
    case "bad-release":
      return composeText(`suspect.${kind}`, { subject });
    default:
      return composeText("suspect.other", { subject, kind });
  }
}

/** The numbers as they are: `stalledMs 9000, waiting 3`. */
function evidenceOf({ class: kind, facts }: Finding): ComposedText {
  if (kind === "bad-release") return releaseEvidence(facts);
  return verbatim(
    Object.entries(facts)
      .map(([name, value]) => `${name} ${value}`)
      .join(", "),
  );
}

function releaseEvidence(facts: Finding["facts"]): ComposedText {
  const of = (name: string): number => Number(facts[name] ?? 0);
  if (facts["what"] === "first-token")
    return composeText("release.first-token", { newMs: of("newMs"), oldMs: of("oldMs") });
  const counts = {
    newFailed: of("newFailed"),
    newTotal: of("newTotal"),
    oldFailed: of("oldFailed"),
    oldTotal: of("oldTotal"),
  };
  return composeText(facts["what"] === "flaws" ? "release.flaws" : "release.errors", counts);
}
