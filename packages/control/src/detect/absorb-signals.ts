// What the gateway saw: drained endpoints, bad requests at single instances, and how clients of a pool fared.
import type { EndpointIdle, PoolEvidence, RequestEvidence } from "@flyball/core";
import { addFailureReport, createFailureEvidence, type FailureEvidence } from "@flyball/traffic";
import { MAX_QUEUED, type ControlContext } from "../control-context.ts";
import { httpPools } from "../desired/listeners-of.ts";
import { endpointId, instanceName, type Instance } from "../observe/instance.ts";
import { composeText } from "../texts/compose-text.ts";
import { addToOutside, outsidePlaceOf, outsidePlaces, type OutsidePlace } from "./outside.ts";
import type { Suspect } from "./suspect.ts";
import { addToRelease, followReleases } from "./watch-releases.ts";

/** Works through the gateway's signals of this pass. */
export function absorbSignals(context: ControlContext): void {
  followReleases(context);
  const signals = context.state.inbox.signals.splice(0);
  if (signals.length === 0) return;
  const owners = endpointOwners(context);
  const spec = context.effective()?.spec;
  const places = spec === undefined ? new Map<string, OutsidePlace>() : outsidePlaces(spec);
  for (const signal of signals) {
    if (signal.kind === "requests" || signal.kind === "engine" || signal.kind === "pool-load")
      context.state.detectors.add(signal);
    const outside = signal.kind === "requests" ? outsidePlaceOf(places, signal.pool) : undefined;
    if (signal.kind === "requests" && outside !== undefined) absorbOutside(context, outside, signal);
    else if (signal.kind === "requests") absorbRequests(context, owners.get(signal.endpoint)?.instance, signal);
    else if (signal.kind === "pool") absorbPool(context, signal);
    else if (signal.kind === "pool-load") context.state.scaling.loads.add(signal, context.clock.now());
    else if (signal.kind === "endpoint-idle") absorbIdle(owners.get(signal.endpoint), signal);
  }
}

interface Owner {
  readonly instance: Instance;
  readonly pool: string;
}

function endpointOwners(context: ControlContext): ReadonlyMap<string, Owner> {
  const owners = new Map<string, Owner>();
  const services = context.effective()?.spec.services ?? {};
  for (const instance of context.state.table.all()) {
    const service = services[instance.service];
    const pools = service === undefined ? [{ pool: instance.service }] : httpPools(service);
    for (const { pool } of pools) owners.set(endpointId(instance, pool), { instance, pool });
  }
  return owners;
}

function absorbIdle(owner: Owner | undefined, _signal: EndpointIdle): void {
  if (owner?.instance.phase === "draining") owner.instance.idlePools.add(owner.pool);
}

function absorbPool(context: ControlContext, evidence: PoolEvidence): void {
  const { state, incidents } = context;
  state.pools.set(evidence.pool, evidence);
  for (const incident of incidents.open()) {
    if (incident.subject.service !== evidence.pool || evidence.from < incident.began.firstBad) continue;
    if (evidence.failed > 0 && incident.trafficRecoveredAt !== undefined) {
      incidents.update(incident.id, ({ trafficRecoveredAt: _known, ...rest }) => rest);
    } else if (evidence.failed === 0 && evidence.succeeded > 0 && incident.trafficRecoveredAt === undefined) {
      incidents.update(incident.id, (known) => ({ ...known, trafficRecoveredAt: evidence.from }));
    }
  }
}

/** Nothing has come back for so long while a request waits: a probe at once costs little, and who is gone is known sooner. */
const DOUBT_MS = 500;

function absorbRequests(context: ControlContext, instance: Instance | undefined, seen: RequestEvidence): void {
  if (instance === undefined) return;
  addToRelease(context, instance, seen);
  const failures = failuresAt(context, instance);
  addFailureReport(failures, seen, instance.lastGoodAt);
  if (seen.lastGoodAt !== undefined) instance.lastGoodAt = seen.lastGoodAt;
  if (seen.lastBadAt !== undefined) instance.lastBadAt = seen.lastBadAt;
  if ((seen.pieces ?? 0) > 0 || (seen.bytes ?? 0) > 0) instance.lastSignAt = Math.max(instance.lastSignAt, seen.to);
  else if (seen.lastGoodAt !== undefined) instance.lastSignAt = Math.max(instance.lastSignAt, seen.lastGoodAt);
  instance.isEjectedByGateway = seen.ejected !== undefined;
  instance.isDoubted = Math.min(seen.oldestWaitMs ?? 0, seen.to - instance.lastSignAt) >= DOUBT_MS;
  if (failures.isFault && instance.phase === "ready" && seen.lastBadAt !== undefined)
    suspect(context, suspectOf({ instance, failures, seen }));
}

function absorbOutside(context: ControlContext, place: OutsidePlace, seen: RequestEvidence): void {
  const { failures } = addToOutside(context, place, seen);
  if (!failures.isFault || seen.lastBadAt === undefined) return;
  const { subject } = place;
  suspect(
    context,
    failing({ subject, name: subject.service, revision: context.state.revision?.number ?? 0, failures, seen }),
  );
}

function suspect({ state }: ControlContext, suspicion: Suspect): void {
  state.suspects.push(suspicion);
  if (state.suspects.length > MAX_QUEUED) state.suspects.shift();
}

function suspectOf({
  instance,
  ...rest
}: Pick<Failing, "failures" | "seen"> & { readonly instance: Instance }): Suspect {
  const { service, ordinal, handle, revision } = instance;
  return failing({ subject: { service, ordinal, handle }, name: instanceName(instance), revision, ...rest });
}

interface Failing {
  readonly subject: Suspect["subject"];
  readonly name: string;
  readonly revision: number;
  readonly failures: FailureEvidence;
  readonly seen: RequestEvidence;
}

function failing({ subject, name, revision, failures, seen }: Failing): Suspect {
  const windowMs = Math.max(0, Math.round(seen.to - failures.began.firstBad));
  const counts = { bad: failures.failed, all: failures.total, windowMs };
  const isSilent = seen.ejected?.reason === "stuck";
  return {
    // What was taken away from a silent one counts as failed; that it is silent says more.
    class: isSilent ? "stuck-requests" : "failed-requests",
    subject,
    revision,
    began: { ...failures.began, source: "evidence" },
    summary: isSilent
      ? composeText("suspect.stuck-requests", { subject: name })
      : composeText("requests.fail", { instance: name }),
    evidence: composeText("requests.counted", { ...counts, failure: seen.lastFailure ?? "unknown" }),
    source: "gateway",
  };
}

function failuresAt({ state }: ControlContext, { handle, service }: Instance): FailureEvidence {
  const known = state.requestFailures.get(handle);
  if (known !== undefined) return known;
  const others = state.table.of(service).flatMap((other) => state.requestFailures.get(other.handle) ?? []);
  const failures = createFailureEvidence(others);
  state.requestFailures.set(handle, failures);
  return failures;
}
