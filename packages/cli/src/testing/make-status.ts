// Specs, states and contexts for tests, with every field that a test does not name.
import type {
  AppSpec,
  AppStatus,
  InstanceStatus,
  ModelSpec,
  PortSpec,
  ServiceSpec,
  ServiceStatus,
} from "@flyball/core";

const timeouts = { connectMs: 1_000, firstByteMs: 30_000, gapMs: 30_000, totalMs: 0 };

/** A service that runs `node server.js` on one http port. */
export function makeService(name: string, fields: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    name,
    kind: "service",
    command: ["node", "server.js"],
    workingDirectory: "/app",
    environment: {},
    ports: [makePort()],
    dependsOn: [],
    replicas: 1,
    resources: { limits: {}, reservations: {} },
    restart: { policy: "always", delayMs: 500, maxDelayMs: 30_000, resetAfterMs: 10_000, crashLoopAfter: 5 },
    stopSignal: "SIGTERM",
    stopGraceMs: 10_000,
    models: [],
    secrets: [],
    configs: [],
    volumes: [],
    labels: {},
    run: "each-release",
    timeouts,
    retries: { attempts: 1, isUnsafeAllowed: false },
    ...fields,
  };
}

/** An http port. */
export function makePort(fields: Partial<PortSpec> = {}): PortSpec {
  return { name: "http", protocol: "http", host: "127.0.0.1", ...fields };
}

/** A model served by one service. */
export function makeModel(name: string): ModelSpec {
  return { name, backends: [{ kind: "service", service: "engine", model: name }], timeouts };
}

/** An app of the services and models. */
export function makeSpec(services: readonly ServiceSpec[], fields: Partial<AppSpec> = {}): AppSpec {
  return {
    apiVersion: "flyball/v1",
    name: "demo",
    services: Object.fromEntries(services.map((service) => [service.name, service])),
    models: {},
    routes: [],
    gateway: { listeners: {}, workers: 1 },
    secrets: {},
    configs: {},
    volumes: [],
    data: {},
    target: { name: "local", type: "local" },
    ...fields,
  };
}

/** A ready instance. */
export function makeInstance(instance: string, fields: Partial<InstanceStatus> = {}): InstanceStatus {
  return {
    service: instance.split("/")[0] ?? instance,
    instance,
    handle: `demo.0/${instance}#1`,
    pid: 100,
    state: "ready",
    port: 20_000,
    revision: 1,
    startedAt: 0,
    restarts: 0,
    ...fields,
  };
}

/** A ready service with its instances. */
export function makeServiceStatus(
  service: string,
  instances: readonly InstanceStatus[],
  fields: Partial<ServiceStatus> = {},
): ServiceStatus {
  return {
    service,
    kind: "service",
    state: "ready",
    desired: instances.length,
    ready: instances.filter(({ state }) => state === "ready").length,
    isPaused: false,
    instances,
    ...fields,
  };
}

/** A ready app. */
export function makeStatus(services: readonly ServiceStatus[], fields: Partial<AppStatus> = {}): AppStatus {
  return {
    app: "demo",
    clone: "00000000",
    target: "local",
    manifestPath: "/app/flyball.yaml",
    revision: { number: 1, hash: "0".repeat(64), author: "ann", reason: "up", createdAt: 0 },
    state: "ready",
    isPaused: false,
    services,
    models: [],
    listeners: [],
    overrides: [],
    gateway: { isConnected: true, pid: 99, snapshotVersion: 4 },
    ...fields,
  };
}
