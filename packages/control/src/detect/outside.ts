// What the app needs and somebody else runs: providers behind its models, and external services. Nothing can be restarted there; what requests say of
// them makes incidents all the same, with those listed that have nothing else to turn to.
import { providerName, providerPoolId, type AppSpec, type IncidentSubject, type RequestEvidence } from "@flyball/core";
import { addFailureReport, createFailureEvidence, type FailureEvidence } from "@flyball/traffic";
import type { ControlContext } from "../control-context.ts";
import { httpPools } from "../desired/listeners-of.ts";
import { needsOf } from "../desired/needs-of.ts";
import { splitAddress } from "../desired/start-context.ts";

/** One of them. */
export interface OutsidePlace {
  readonly subject: IncidentSubject;
  /** Services that can turn nowhere else for what it gives. */
  readonly neededBy: readonly string[];
  /** The machine that its address names. */
  readonly host: string;
}

/** What requests say of one. Times are wall times. */
export interface OutsideRecord {
  readonly failures: FailureEvidence;
  lastGoodAt?: number;
  lastBadAt?: number;
  /** Anything came back, good or bad; nothing did, where something was asked. */
  answeredAt?: number;
  silentAt?: number;
}

/** By the ids of their pools; external services by name. */
export function outsidePlaces({ services, models }: AppSpec): ReadonlyMap<string, OutsidePlace> {
  const places = new Map<string, OutsidePlace>();
  for (const { name: model, backends } of Object.values(models)) {
    for (const [index, backend] of backends.entries()) {
      if (backend.kind !== "provider") continue;
      const callers = Object.values(services).filter((service) =>
        service.models.some((grant) => grant.model === model),
      );
      const pool = providerPoolId({ id: `${model}/${index}`, baseUrl: backend.baseUrl });
      const neededBy = backends.length === 1 ? callers.map(({ name }) => name) : [];
      places.set(pool, {
        subject: { service: providerName(model, backends, index), kind: "provider" },
        neededBy,
        host: new URL(backend.baseUrl).hostname,
      });
    }
  }
  for (const service of Object.values(services)) {
    const { name, external } = service;
    const host = external === undefined ? undefined : splitAddress(external.address)?.host;
    if (host === undefined) continue;
    for (const { pool } of httpPools(service)) places.set(pool, { subject: { service: name }, neededBy: [], host });
  }
  return places;
}

/** Names of what each service needs: services, and what it can turn nowhere else for. */
export function needsOfAll(spec: AppSpec): ReadonlyMap<string, readonly string[]> {
  const needs = new Map(needsOf(spec));
  for (const { subject, neededBy } of outsidePlaces(spec).values())
    for (const service of neededBy) needs.set(service, [...(needs.get(service) ?? []), subject.service]);
  return needs;
}

/** The place that an endpoint, or its pool, belongs to. */
export function outsidePlaceOf(places: ReadonlyMap<string, OutsidePlace>, id: string): OutsidePlace | undefined {
  return places.get(id) ?? places.get(id.replace(/#[^#]*$|\/external$/u, ""));
}

/** Adds what the gateway saw; answers the record when there is such a place. */
export function addToOutside({ state }: ControlContext, place: OutsidePlace, seen: RequestEvidence): OutsideRecord {
  const name = place.subject.service;
  const record = state.outside.get(name) ?? { failures: createFailureEvidence() };
  state.outside.set(name, record);
  addFailureReport(record.failures, seen, record.lastGoodAt);
  const { pieces = 0, rateLimited = 0, quotaSpent = 0 } = seen;
  const { succeeded = 0, "server-error": errors = 0, refused = 0, timeout = 0 } = seen.outcomes;
  if (succeeded + errors + pieces + rateLimited + quotaSpent > 0) record.answeredAt = seen.to;
  else if (refused + timeout > 0) record.silentAt = seen.to;
  if (seen.lastGoodAt !== undefined) record.lastGoodAt = seen.lastGoodAt;
  if (seen.lastBadAt !== undefined) record.lastBadAt = seen.lastBadAt;
  return record;
}
