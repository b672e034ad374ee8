// What the gateway saw: drained endpoints, bad requests at single instances, and how clients of a pool fared.
import type { EndpointIdle, PoolEvidence, RequestEvidence } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { httpPools } from "../desired/listeners-of.ts";
import { endpointId, instanceName, isAlive, type Instance } from "../observe/instance.ts";
import { composeText } from "../texts/compose-text.ts";
import { addEvidence, failedRequests } from "./failed-requests.ts";

/** Works through the gateway's signals of this pass. */
export function absorbSignals(context: ControlContext): void {
  const signals = context.state.inbox.signals.splice(0);
  if (signals.length === 0) return;
  const owners = endpointOwners(context);
  for (const signal of signals) {
    if (signal.kind === "requests") absorbRequests(context, owners.get(signal.endpoint)?.instance, signal);
    else if (signal.kind === "pool") absorbPool(context, signal);
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

function absorbRequests(context: ControlContext, instance: Instance | undefined, evidence: RequestEvidence): void {
  if (instance === undefined) return;
  const window = addEvidence(context.state.failureWindows.get(instance.handle), evidence, instance.lastGoodAt);
  if (evidence.lastGoodAt !== undefined) instance.lastGoodAt = evidence.lastGoodAt;
  if (evidence.lastBadAt !== undefined) instance.lastBadAt = evidence.lastBadAt;
  context.state.failureWindows.set(instance.handle, window);
  const verdict = failedRequests(window);
  if (!verdict.isFault || !isAlive(instance) || instance.phase !== "ready") return;
  const subject = { service: instance.service, ordinal: instance.ordinal, handle: instance.handle };
  if (context.incidents.find(subject) !== undefined) return;
  const incident = context.incidents.report({
    class: "failed-requests",
    subject,
    revision: instance.revision,
    began: { ...verdict.began, source: "evidence" },
    summary: composeText("requests.fail", { instance: instanceName(instance) }),
    evidence: composeText("requests.counted", { ...verdict.counts, failure: evidence.lastFailure ?? "unknown" }),
    source: "gateway",
  });
  const reason = composeText("action.alive-try", { service: instance.service });
  context.incidents.act(incident.id, { action: "advise", reason });
}
