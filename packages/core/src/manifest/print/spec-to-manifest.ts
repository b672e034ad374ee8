// An app written back as a manifest: everything named, nothing left to a default but a start period, which means more where it is stated.
// Loading it again gives the same app.
import type {
  AppSpec,
  BackendSpec,
  ListenerSpec,
  ModelSpec,
  PortSpec,
  ResourceAmounts,
  RouteSpec,
  ServiceSpec,
  TimeoutsSpec,
} from "../../app-spec.ts";
import type { JwtPolicy } from "../../jwt-policy.ts";
import { NO_LIMITS, type LimitPolicy, type LimitStoreSpec } from "../../limit-policy.ts";
import { formatDuration, formatSize } from "../resolve/quantities.ts";
import { formatRate } from "../resolve/resolve-limits.ts";
import { healingToPlain } from "./healing-to-plain.ts";
import { notifyToPlain } from "./notify-to-plain.ts";
import { pricesToPlain } from "./prices-to-plain.ts";
import { queueToPlain } from "./queue-to-plain.ts";
import { withoutEmpty } from "./without-empty.ts";

type Plain = Record<string, unknown>;

/** The manifest as plain data. Listeners and routes of published ports are left out: the ports make them again. */
export function specToManifest(spec: AppSpec): Plain {
  const routes = spec.routes.filter((route) => !isPublished(route.name)).map(routeToPlain);
  const listeners = Object.entries(spec.gateway.listeners).filter(([name]) => !isPublished(name));
  return withoutEmpty({
    apiVersion: spec.apiVersion,
    name: spec.name,
    services: mapValues(spec.services, serviceToPlain),
    models: mapValues(spec.models, modelToPlain),
    routes,
    gateway: {
      ...(listeners.length === 0 ? {} : { listeners: mapValues(Object.fromEntries(listeners), listenerToPlain) }),
      workers: spec.gateway.workers,
      ...(spec.gateway.timeZone === undefined ? {} : { time_zone: spec.gateway.timeZone }),
      ...(spec.gateway.maxBodyBytes === undefined ? {} : { max_body: formatSize(spec.gateway.maxBodyBytes) }),
      ...(spec.gateway.jwt === undefined ? {} : { jwt: jwtToPlain(spec.gateway.jwt) }),
      ...(spec.gateway.limitStore === undefined ? {} : { limit_store: limitStoreToPlain(spec.gateway.limitStore) }),
    },
    tenants: mapValues(spec.tenants ?? {}, ({ priority, weight, ...limits }) => ({
      ...limitsToPlain(limits),
      ...withoutEmpty({ priority, weight }),
    })),
    prices: pricesToPlain(spec.prices ?? []),
    notify: notifyToPlain(spec.notify),
    secrets: { ...spec.secrets },
    configs: mapValues(spec.configs, ({ content }) => ({ content })),
    volumes: Object.fromEntries(spec.volumes.map((name) => [name, {}])),
    healing: healingToPlain(spec.healing),
    data: spec.data.allowedRegions === undefined ? undefined : { allowed_regions: spec.data.allowedRegions },
    targets: { [spec.target.name]: { type: spec.target.type } },
  });
}

function limitStoreToPlain({ url, passwordSecret }: LimitStoreSpec): Plain {
  return { url, ...(passwordSecret === undefined ? {} : { password: `\${secrets.${passwordSecret}}` }) };
}

/** Names of users have no dot; those that published ports make have one. */
function isPublished(name: string): boolean {
  return name.includes(".");
}

function mapValues<T>(map: Readonly<Record<string, T>>, convert: (value: T) => Plain): Plain {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, convert(value)]));
}

function serviceToPlain(service: ServiceSpec): Plain {
  if (service.external !== undefined) return externalToPlain(service);
  const isJob = service.kind === "job";
  const isServe = service.serve !== undefined;
  return {
    ...withoutEmpty({
      kind: service.kind,
      serve: service.serve,
      build: service.build,
      image: service.image,
      command: service.command,
      working_dir: service.workingDirectory,
      environment: service.environment,
    }),
    ...(isJob || isServe ? {} : { ports: service.ports.map(portToPlain) }),
    ...withoutEmpty({
      depends_on: dependenciesToPlain(service),
      healthcheck: healthcheckToPlain(service),
      ...(isJob ? { run: service.run } : replicasToPlain(service)),
      warm: service.warm,
      ...queueToPlain(service),
      resources: resourcesToPlain(service),
      restart: restartToPlain(service),
      healing: healingToPlain(service.healing),
      stop_signal: service.stopSignal,
      stop_grace_period: formatDuration(service.stopGraceMs),
      models: Object.fromEntries(
        service.models.map(({ model, environmentPrefix }) => [model, { env: environmentPrefix }]),
      ),
      secrets: service.secrets,
      configs: service.configs,
      volumes: service.volumes.map(({ volume, path }) => `${volume}:${path}`),
      labels: service.labels,
    }),
    ...(isJob ? {} : trafficToPlain(service)),
  };
}

function externalToPlain(service: ServiceSpec): Plain {
  const { address, protocol } = service.external ?? { address: "", protocol: "http" };
  return {
    external: protocol === "http" ? `http://${address}` : address,
    ...withoutEmpty({
      healthcheck: healthcheckToPlain(service),
      ...queueToPlain(service),
      labels: service.labels,
    }),
    ...trafficToPlain(service),
  };
}

function portToPlain({ name, protocol, port, published, host }: PortSpec): Plain {
  return {
    name,
    protocol,
    ...(port === undefined ? {} : { port }),
    ...(published === undefined ? {} : { published, host }),
  };
}

function dependenciesToPlain(service: ServiceSpec): Plain {
  return Object.fromEntries(
    service.dependsOn.map(({ service: name, condition, isRequired, restartsWithDependency }) => [
      name,
      { condition, required: isRequired, restart: restartsWithDependency },
    ]),
  );
}

function healthcheckToPlain({ healthcheck }: ServiceSpec): Plain | undefined {
  if (healthcheck === undefined) return undefined;
  const { http, tcp, command } = healthcheck;
  const isAnyPort = tcp !== undefined && tcp.port === undefined;
  return {
    ...(http === undefined ? {} : { http }),
    ...(tcp === undefined ? {} : { tcp: isAnyPort ? true : tcp }),
    ...(command === undefined ? {} : { command }),
    interval: formatDuration(healthcheck.intervalMs),
    timeout: formatDuration(healthcheck.timeoutMs),
    retries: healthcheck.retries,
    ...(healthcheck.isStartPeriodStated === true ? { start_period: formatDuration(healthcheck.startPeriodMs) } : {}),
  };
}

function replicasToPlain({ replicas, scale }: ServiceSpec): Plain {
  if (scale === undefined) return { replicas };
  const { min, max, target, windowMs, downAfterMs } = scale;
  return {
    scale: {
      min,
      max,
      target,
      window: formatDuration(windowMs),
      ...(downAfterMs === undefined ? {} : { down_after: formatDuration(downAfterMs) }),
    },
  };
}

function resourcesToPlain({ resources }: ServiceSpec): Plain {
  const amounts = ({ cpus, memoryBytes, gpus }: ResourceAmounts): Plain =>
    withoutEmpty({ cpus, memory: memoryBytes === undefined ? undefined : formatSize(memoryBytes), gpus });
  const { limits, reservations, priority, preempts } = resources;
  return withoutEmpty({ limits: amounts(limits), reservations: amounts(reservations), priority, preempts });
}

function restartToPlain({ restart }: ServiceSpec): Plain {
  return {
    policy: restart.policy,
    delay: formatDuration(restart.delayMs),
    max_delay: formatDuration(restart.maxDelayMs),
    reset_after: formatDuration(restart.resetAfterMs),
    crash_loop_after: restart.crashLoopAfter,
  };
}

function trafficToPlain({ timeouts, retries }: Pick<ServiceSpec, "timeouts" | "retries">): Plain {
  return {
    timeouts: timeoutsToPlain(timeouts),
    retries: { attempts: retries.attempts, unsafe: retries.isUnsafeAllowed },
  };
}

function timeoutsToPlain(timeouts: TimeoutsSpec): Plain {
  return {
    connect: formatDuration(timeouts.connectMs),
    first_byte: formatDuration(timeouts.firstByteMs),
    gap: formatDuration(timeouts.gapMs),
    total: timeouts.totalMs === 0 ? 0 : formatDuration(timeouts.totalMs),
  };
}

function modelToPlain(model: ModelSpec): Plain {
  const { hedge, cache } = model;
  return {
    backends: model.backends.map(backendToPlain),
    timeouts: timeoutsToPlain(model.timeouts),
    ...withoutEmpty({
      first_token: model.firstTokenMs === undefined ? undefined : formatDuration(model.firstTokenMs),
      fallbacks: model.fallbacks,
      resume: model.isResumed,
      hedge: hedge && {
        after: hedge.afterMs === "learned" ? hedge.afterMs : formatDuration(hedge.afterMs),
        cost_cap: hedge.costCap,
      },
      cache: cache && { ttl: formatDuration(cache.timeToLiveMs), size: formatSize(cache.maximumBytes) },
      ...limitsToPlain(model.limits),
    }),
  };
}

function backendToPlain(backend: BackendSpec): Plain {
  const { traits, use, weight, contextTokens, priorityOrder: priority, limits } = backend;
  const common = withoutEmpty({ api: traits, use, weight, context: contextTokens, priority, ...limitsToPlain(limits) });
  if (backend.kind === "service") return { service: backend.service, model: backend.model, ...common };
  const { provider, baseUrl, model, apiKeySecret, region, network, authorities } = backend;
  return {
    provider,
    base_url: baseUrl,
    model,
    ...(apiKeySecret === undefined ? {} : { api_key: `\${secrets.${apiKeySecret}}` }),
    ...(region === undefined ? {} : { region }),
    ...(network === undefined ? {} : { network }),
    ...(authorities === undefined ? {} : { ca: authorities }),
    ...common,
  };
}

function limitsToPlain(policy: LimitPolicy = NO_LIMITS): Plain {
  const ratesOf = (unit: "requests" | "tokens"): string[] =>
    policy.rates.filter((rate) => rate.unit === unit).map(formatRate);
  const limits = withoutEmpty({
    requests: ratesOf("requests"),
    tokens: ratesOf("tokens"),
    concurrency: policy.concurrency,
  });
  const isLimited = Object.keys(limits).length > 0;
  return withoutEmpty({
    limits: isLimited ? { ...limits, on_store_loss: policy.ratesOnStoreLoss } : {},
    budget: policy.budgets.map(({ currency, microUnits, per }) => {
      return { [currency]: microUnits / 1e6, per, on_store_loss: policy.budgetsOnStoreLoss };
    }),
  });
}

function listenerToPlain({ host, port, tls, cors }: ListenerSpec): Plain {
  return {
    host,
    port,
    ...(tls === undefined ? {} : { tls: { cert: tls.certificateFile, key: tls.keyFile } }),
    ...(cors === undefined
      ? {}
      : {
          cors: {
            origins: cors.origins,
            headers: cors.headers,
            credentials: cors.allowsCredentials,
            max_age: formatDuration(cors.maxAgeSeconds * 1_000),
          },
        }),
  };
}

function jwtToPlain({ issuer, audience, jwksUrl, algorithms, tenantClaim, modelsClaim }: JwtPolicy): Plain {
  return withoutEmpty({
    issuer,
    audience,
    jwks_url: jwksUrl,
    algorithms,
    tenant_claim: tenantClaim,
    models_claim: modelsClaim,
  });
}

function routeToPlain(route: RouteSpec): Plain {
  const { match, destination, timeouts, retries } = route;
  return withoutEmpty({
    name: route.name,
    listener: route.listener,
    path: match.pathPrefix,
    methods: match.methods,
    hosts: match.hosts,
    headers: match.headers,
    ...(destination.kind === "models" ? { models: destination.models } : { services: destination.services }),
    strip_prefix: route.stripsPrefix,
    requires_key: route.requiresKey,
    priority: route.priority,
    timeouts: timeouts === undefined ? undefined : timeoutsToPlain(timeouts),
    retries: retries === undefined ? undefined : { attempts: retries.attempts, unsafe: retries.isUnsafeAllowed },
  });
}
