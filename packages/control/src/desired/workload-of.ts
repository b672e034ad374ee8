// From a service of the spec to what a driver runs. Engines become plain commands here, so that drivers know nothing of engines.
import {
  contentHash,
  type AppSpec,
  type HealthcheckSpec,
  type PortSpec,
  type ServiceSpec,
  type Workload,
} from "@flyball/core";

/** What a workload needs besides the spec. */
export interface WorkloadContext {
  readonly app: string;
  readonly clone: string;
  /** How to run Flyball's own engines: program and first arguments. */
  readonly engineCommand: readonly string[];
}

/** The ports that an instance listens on: an engine always has its http port. */
export function portsOf(service: ServiceSpec): readonly PortSpec[] {
  if (service.serve !== undefined && service.ports.length === 0) {
    return [{ name: "http", protocol: "http", host: "127.0.0.1" }];
  }
  return service.ports;
}

/** The workload of a service that Flyball runs itself; undefined for an external one. */
export function workloadOf(spec: AppSpec, service: ServiceSpec, context: WorkloadContext): Workload | undefined {
  if (service.external !== undefined) return undefined;
  const command =
    service.serve === undefined
      ? service.command
      : [...context.engineCommand, service.serve.engine, "--model", service.serve.model, ...service.serve.args];
  const healthcheck = healthcheckOf(service);
  const fields: Omit<Workload, "specHash"> = {
    app: context.app,
    clone: context.clone,
    service: service.name,
    kind: service.kind,
    ...(command === undefined ? {} : { command }),
    ...(service.image === undefined ? {} : { image: service.image }),
    ...(service.build === undefined ? {} : { build: service.build }),
    workingDirectory: service.workingDirectory,
    environment: service.environment,
    ports: portsOf(service),
    volumes: service.volumes,
    configs: service.configs.flatMap((name) => {
      const config = spec.configs[name];
      return config === undefined ? [] : [{ name, content: config.content, sha256: config.sha256 }];
    }),
    secrets: service.secrets,
    // Who gets room first says nothing of the program: changing it replaces no instance.
    resources: { limits: service.resources.limits, reservations: service.resources.reservations },
    ...(healthcheck === undefined ? {} : { healthcheck }),
    stopSignal: service.stopSignal,
    stopGraceMs: service.stopGraceMs,
    labels: service.labels,
  };
  // The published port of an http service is the gateway's affair: moving it must not replace instances.
  const hashed = { ...fields, ports: fields.ports.map(unpublished), healthcheck: undefined, labels: undefined };
  return { ...fields, specHash: contentHash(hashed).slice(0, 16) };
}

function unpublished(port: PortSpec): PortSpec {
  if (port.protocol !== "http" || port.published === undefined) return port;
  const { published: _published, ...rest } = port;
  return rest;
}

/** The declared check; else GET /health for an engine, a connection for a port, nothing for a service without ports. */
function healthcheckOf(service: ServiceSpec): HealthcheckSpec | undefined {
  if (service.healthcheck !== undefined || service.kind === "job") return service.healthcheck;
  const pace = { intervalMs: 1_000, timeoutMs: 2_000, retries: 3, startPeriodMs: 30_000 };
  if (service.serve !== undefined) return { http: { path: "/health" }, ...pace };
  return portsOf(service).length > 0 ? { tcp: {}, ...pace } : undefined;
}
