// From what was seen to whose fault it is. Pure. A service whose dependency is down is no fault of its own: it is listed with the incident of the
// dependency and nothing is done to it. A fault that all instances of a service share is one fault of the service, not one of each.
import type { Incident, IncidentClass, IncidentSubject } from "@flyball/core";
import type { Suspect } from "./suspect.ts";

/** How a service stands, apart from what is suspected. */
export interface ServiceHealth {
  /** Places whose instance is ready. */
  readonly ready: readonly number[];
  /** Somebody else runs it: it has no instances here. */
  readonly isExternal: boolean;
}

/** All that causes are found from. */
export interface CauseInput {
  readonly suspects: readonly Suspect[];
  readonly open: readonly Incident[];
  /** What each service needs: `depends_on`, and the services behind the models that it may call. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
  readonly health: ReadonlyMap<string, ServiceHealth>;
  /** Services that answer nobody at this moment, since when: too early for a suspicion of their own, and early enough to spare those that need them. */
  readonly down: ReadonlyMap<string, number>;
}

/** One cause. */
export interface Cause {
  readonly suspect: Suspect;
  /** Suffer from it without fault of their own. */
  readonly dependants: readonly IncidentSubject[];
  /** Ids of open incidents that turn out to be a part of this one. */
  readonly absorbs: readonly string[];
}

/** Causes, and what turned out to follow from incidents that are open already. */
export interface Causes {
  readonly causes: readonly Cause[];
  readonly following: readonly { readonly incident: string; readonly dependants: readonly IncidentSubject[] }[];
  /** Suspects that are somebody else's fault. */
  readonly innocent: readonly Suspect[];
}

/** What began this long before its dependency was seen to fail still follows from it: the dependant may be asked first. */
const SLACK_MS = 15_000;
/** All instances together: the instance is not what is wrong. What answers no probe is not among them: it is started again, one at a time. */
const SHARED: ReadonlySet<IncidentClass> = new Set([
  "failed-requests",
  "stuck-requests",
  "stuck-streams",
  "slow",
  "bad-output",
  // It names the cause of all the others.
  "bad-release",
]);
/** Says where the fault is by itself: no dependency makes the loop see it. */
const CERTAIN: ReadonlySet<IncidentClass> = new Set([
  "frozen",
  "engine-stalled",
  "memory-limit",
  "unreachable",
  "rate-limited",
  "quota-spent",
  "mass-loss",
]);

/** Sorts suspects into causes and what follows from them. */
export function findCauses(input: CauseInput): Causes {
  const roots = new Map(input.suspects.map((suspect) => [suspect, rootOf(suspect, input)]));
  const own = input.suspects.filter((suspect) => roots.get(suspect) === undefined);
  const innocent = input.suspects.filter((suspect) => roots.get(suspect) !== undefined);
  const causes = shared(own, input).map((cause) => ({
    ...cause,
    dependants: dependantsOf(cause.suspect.subject.service, innocent, roots),
  }));
  const told = new Set(causes.map(({ suspect }) => suspect.subject.service));
  const following = input.open.flatMap(({ id, subject: { service } }, index) => {
    const isFirst = input.open.findIndex((other) => other.subject.service === service) === index;
    const dependants = told.has(service) || !isFirst ? [] : dependantsOf(service, innocent, roots);
    return dependants.length === 0 ? [] : [{ incident: id, dependants }];
  });
  return { causes, following, innocent };
}

/** The service that must be well again before anything can be said about this one; undefined: its own. */
export function rootCause(service: string, firstBad: number, input: CauseInput): string | undefined {
  const seen = new Set<string>([service]);
  const visit = (name: string): string | undefined => {
    for (const need of input.needs.get(name) ?? []) {
      if (seen.has(need)) continue;
      seen.add(need);
      const deeper = visit(need);
      if (deeper !== undefined) return deeper;
      const since = downSince(need, input);
      if (since !== undefined && since <= firstBad + SLACK_MS) return need;
    }
    return undefined;
  };
  return visit(service);
}

function rootOf({ class: kind, subject, began }: Suspect, input: CauseInput): string | undefined {
  return CERTAIN.has(kind) ? undefined : rootCause(subject.service, began.firstBad, input);
}

/** When a service lost its last good instance, as far as is known; undefined while one is good. */
function downSince(service: string, { suspects, open, health, down }: CauseInput): number | undefined {
  const facts = health.get(service);
  const silentSince = down.get(service);
  const bad = [
    ...suspects.filter(({ subject }) => subject.service === service),
    ...open.filter(({ subject, state }) => subject.service === service && state === "open"),
  ];
  if (facts === undefined || bad.length === 0) return silentSince;
  const isWhole = bad.some(({ subject }) => subject.ordinal === undefined);
  const places = new Set(bad.map(({ subject }) => subject.ordinal));
  const isDown = facts.isExternal || isWhole || facts.ready.every((ordinal) => places.has(ordinal));
  return isDown ? Math.min(...bad.map(({ began }) => began.lastGood)) : silentSince;
}

function dependantsOf(
  service: string,
  innocent: readonly Suspect[],
  roots: ReadonlyMap<Suspect, string | undefined>,
): readonly IncidentSubject[] {
  const names = innocent.filter((suspect) => roots.get(suspect) === service).map(({ subject }) => subject.service);
  return [...new Set(names)].toSorted().map((name) => ({ service: name }));
}

/** Puts together what all instances of a service share. */
function shared(own: readonly Suspect[], { open, health }: CauseInput): readonly Omit<Cause, "dependants">[] {
  const causes: Omit<Cause, "dependants">[] = [];
  const services = new Set(own.map(({ subject }) => subject.service));
  for (const service of services) {
    const suspects = own.filter(({ subject }) => subject.service === service);
    const ofService = suspects.filter(({ class: kind }) => SHARED.has(kind));
    const known = open.filter(({ subject, class: kind }) => subject.service === service && SHARED.has(kind));
    const isKnownWhole = known.some(({ subject }) => subject.ordinal === undefined);
    const places = new Set([...ofService, ...known].map(({ subject }) => subject.ordinal));
    const ready = health.get(service)?.ready ?? [];
    const areAll = ready.length > 1 && ready.every((ordinal) => places.has(ordinal));
    const first =
      ofService.find(({ class: kind }) => kind === "bad-release") ??
      ofService.toSorted((a, b) => a.began.firstBad - b.began.firstBad)[0];
    const isWhole = areAll || isKnownWhole || ofService.some(({ subject }) => subject.ordinal === undefined);
    if (first === undefined || !isWhole) {
      causes.push(...suspects.map((suspect) => ({ suspect, absorbs: [] })));
      continue;
    }
    const absorbs = known.filter(({ subject }) => subject.ordinal !== undefined).map(({ id }) => id);
    causes.push({ suspect: wholeOf(first, known), absorbs });
    const others = suspects.filter(({ class: kind }) => !SHARED.has(kind));
    causes.push(...others.map((suspect) => ({ suspect, absorbs: [] })));
  }
  return causes;
}

function wholeOf(first: Suspect, known: readonly Incident[]): Suspect {
  // A release is judged by when its own failures began.
  if (first.class === "bad-release") return first;
  const earliest = [first, ...known].toSorted((a, b) => a.began.firstBad - b.began.firstBad)[0] ?? first;
  const { ordinal: _place, handle: _instance, ...subject } = first.subject;
  return { ...first, subject, began: earliest.began };
}
