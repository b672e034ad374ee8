// What `status` and `ps` show, built from the same views that the loop decides on, so that what is shown is what is acted upon.
import type { AppStatus, Composed, ComposedText, InstanceStatus, ListenerStatus, ServiceStatus } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { summaryOf } from "../desired/apply-revision.ts";
import { httpPools, MODELS_LISTENER, serviceListenerId } from "../desired/listeners-of.ts";
import { startOrder } from "../desired/start-order.ts";
import { instanceName, isOneOff, type Instance } from "../observe/instance.ts";
import { buildViews } from "../reconcile/build-views.ts";
import { instanceState, serviceState } from "../reconcile/service-state.ts";
import type { ServiceView } from "../reconcile/service-view.ts";
import { scaleStatus } from "../scale/scale-status.ts";
import { composeText, reasonField, storedText, textFields } from "../texts/compose-text.ts";

/** The whole status. */
export function appStatus(context: ControlContext): AppStatus {
  const { state, settings } = context;
  const effective = context.effective();
  const order = effective === undefined ? [] : startOrder(effective.spec);
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  const services = buildViews(context)
    .toSorted((a, b) => rank(a.service) - rank(b.service))
    .map((view) => serviceStatus(context, view));
  const gateways = context.links.gateways();
  const newest = gateways.toSorted((a, b) => b.generation - a.generation)[0];
  const failure = state.rollout?.failure;
  const notices = context.notices?.status() ?? [];
  return {
    app: settings.app,
    clone: settings.clone,
    target: settings.target,
    manifestPath: settings.manifestPath,
    revision: state.revision === undefined ? null : summaryOf(state.revision),
    state: overallState(context, services),
    ...(failure === undefined ? {} : textFields({ failure })),
    isPaused: effective?.isPaused ?? false,
    services,
    models: modelStatuses(context),
    listeners: [...state.listeners],
    overrides: [...state.overrides],
    gateway: {
      isConnected: newest !== undefined,
      ...(newest === undefined ? {} : { pid: newest.pid }),
      snapshotVersion: newest?.snapshotVersion ?? 0,
      ...(state.refusal === undefined ? {} : { refusal: state.refusal }),
    },
    ...(notices.length === 0 ? {} : { notices }),
  };
}

/** A revision that failed is trouble although what was served before goes on; one that is being reached is still starting. */
function overallState({ state }: ControlContext, services: readonly ServiceStatus[]): AppStatus["state"] {
  if (state.isStopping) return "stopping";
  const bad = services.filter((service) =>
    ["degraded", "no-room", "unhealthy", "crash-loop", "failed"].includes(service.state),
  );
  const isFailed = bad.some((service) => service.state === "failed" || service.state === "crash-loop");
  if (isFailed) return "failed";
  if (state.refusal !== undefined) return "degraded";
  if (state.revision === undefined || state.rollout?.state === "running") return "starting";
  if (bad.length > 0 || state.rollout?.state === "failed") return "degraded";
  const isMoving = services.some((service) => service.state === "pending" || service.state === "starting");
  return isMoving ? "starting" : "ready";
}

function serviceStatus(context: ControlContext, view: ServiceView): ServiceStatus {
  const { state, reason } = serviceState(view);
  const load = context.state.pools.get(view.service)?.weightedAverageLoad;
  const scale = scaleStatus(context, view);
  const url = urlOf(context, view);
  const advice = adviceFor(context, view.service);
  const told = reasonField(state === "ready" ? undefined : reason);
  const asked: Composed<"advice"> & { readonly advice?: string } = advice === undefined ? {} : textFields({ advice });
  const composed = { ...told.composed, ...asked.composed };
  return {
    service: view.service,
    kind: view.spec?.external === undefined ? (view.spec?.kind ?? "service") : "external",
    state,
    ...told,
    ...asked,
    ...(Object.keys(composed).length === 0 ? {} : { composed }),
    desired: view.desiredHash === undefined ? 0 : (view.spec?.replicas ?? 0),
    ready: view.instances.filter((instance) => instance.phase === "ready").length,
    ...(url === undefined ? {} : { url }),
    isPaused: view.isPaused,
    ...(load === undefined ? {} : { weightedAverageLoad: load }),
    ...(scale === undefined ? {} : { scale }),
    instances: view.instances
      .toSorted((a, b) => a.ordinal - b.ordinal || a.startedAt - b.startedAt)
      .filter((instance) => !isOneOff(instance.service))
      .map((instance) => instanceStatus(context, instance)),
  };
}

/** The last word of the newest open incident, when it is an advice. */
function adviceFor({ incidents }: ControlContext, service: string): ComposedText | undefined {
  const incident = incidents.open().findLast(({ subject, actions }) => {
    return subject.service === service && actions.at(-1)?.isAdvice === true;
  });
  const last = incident?.actions.at(-1);
  if (incident === undefined || last === undefined) return undefined;
  return composeText("heal.advice", { number: incident.number, reason: storedText(last, "reason") });
}

function instanceStatus(context: ControlContext, instance: Instance): InstanceStatus {
  const slot = context.state.table
    .slotsOf(instance.service)
    .find((candidate) => candidate.ordinal === instance.ordinal);
  const { state, reason } = instanceState(instance, slot);
  const lastExit = instance.exit ?? slot?.history.lastExit;
  const hasSpares = context.effective()?.spec.services[instance.service]?.warm !== undefined;
  const optional = {
    ...(hasSpares && instance.phase === "ready" && !instance.isTakenIn ? ({ isSpare: true } as const) : {}),
    ...reasonField(state === "ready" ? undefined : reason),
    ...(instance.readyAt === undefined ? {} : { readyAt: instance.readyAt }),
    ...(lastExit === undefined ? {} : { lastExit }),
    ...(instance.cpuPercent === undefined ? {} : { cpuPercent: Math.round(instance.cpuPercent * 10) / 10 }),
    ...(instance.usage === undefined ? {} : { rssBytes: instance.usage.rssBytes }),
  };
  return {
    service: instance.service,
    instance: instanceName(instance),
    handle: instance.handle,
    pid: instance.phase === "exited" ? null : instance.pid,
    state,
    port: Object.values(instance.addresses)[0]?.port ?? null,
    revision: instance.revision,
    startedAt: instance.startedAt,
    restarts: slot?.restarts ?? 0,
    ...optional,
  };
}

function urlOf(context: ControlContext, view: ServiceView): string | undefined {
  if (view.spec === undefined) return undefined;
  const listeners = context.state.listeners;
  const published = context
    .effective()
    ?.spec.routes.find(
      (route) =>
        route.destination.kind === "services" &&
        route.destination.services.some(({ service }) => service === view.service),
    );
  const outer = published && listeners.find((listener) => listener.id === `public/${published.listener}`);
  if (outer !== undefined && published !== undefined) {
    const isTls = context.effective()?.spec.gateway.listeners[published.listener]?.tls !== undefined;
    return httpUrl(outer, isTls) + (published.match.pathPrefix === "/" ? "" : published.match.pathPrefix);
  }
  const pool = httpPools(view.spec)[0]?.pool;
  const inner = pool === undefined ? undefined : listeners.find((listener) => listener.id === serviceListenerId(pool));
  if (inner !== undefined) return httpUrl(inner);
  const tcp = context.state.tcpAddresses.get(view.service);
  return tcp === undefined ? undefined : `${tcp.host}:${tcp.port}`;
}

function httpUrl(listener: ListenerStatus, isTls = false): string {
  const { host, port } = listener.address;
  return `http${isTls ? "s" : ""}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function modelStatuses(context: ControlContext): AppStatus["models"] {
  const listener = context.state.listeners.find((candidate) => candidate.id === MODELS_LISTENER);
  const models = Object.values(context.effective()?.spec.models ?? {});
  return models.map((model) => ({
    name: model.name,
    backends: model.backends.map((backend) =>
      backend.kind === "service" ? backend.service : `${backend.provider}:${backend.model}`,
    ),
    url: listener === undefined ? "" : `${httpUrl(listener)}/v1`,
  }));
}
