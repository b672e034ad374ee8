// Small specs for this package's tests.
import type { AppSpec, ServiceSpec } from "@flyball/core";

const TIMEOUTS = { connectMs: 1_000, firstByteMs: 30_000, gapMs: 60_000, totalMs: 0 };

/** A service with a command and one http port, changed by `overrides`. */
export function makeService(name: string, overrides: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    name,
    kind: "service",
    command: ["node", `${name}.ts`],
    workingDirectory: "/app",
    environment: {},
    ports: [{ name: "http", protocol: "http", host: "127.0.0.1" }],
    dependsOn: [],
    healthcheck: { http: { path: "/health" }, intervalMs: 1_000, timeoutMs: 2_000, retries: 3, startPeriodMs: 30_000 },
    replicas: 1,
    resources: { limits: {}, reservations: {} },
    restart: { policy: "always", delayMs: 500, maxDelayMs: 30_000, resetAfterMs: 60_000, crashLoopAfter: 5 },
    stopSignal: "SIGTERM",
    stopGraceMs: 10_000,
    models: [],
    secrets: [],
    configs: [],
    volumes: [],
    labels: {},
    run: "each-release",
    timeouts: TIMEOUTS,
    retries: { attempts: 2, isUnsafeAllowed: false },
    ...overrides,
  };
}

/** An app of these services. */
export function makeSpec(services: readonly ServiceSpec[], overrides: Partial<AppSpec> = {}): AppSpec {
  return {
    apiVersion: "flyball/v1",
    name: "app",
    services: Object.fromEntries(services.map((service) => [service.name, service])),
    models: {},
    routes: [],
    gateway: { listeners: {}, workers: 1 },
    secrets: {},
    configs: {},
    volumes: [],
    data: {},
    target: { name: "local", type: "local" },
    ...overrides,
  };
}
