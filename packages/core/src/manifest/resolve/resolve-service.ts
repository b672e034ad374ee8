// One service with all defaults and absolute paths.
import { resolve } from "node:path";
import type { DependencySpec, ResourcesSpec, RestartSpec, ServiceSpec } from "../../app-spec.ts";
import type { ResourcesInput } from "../schema/resources.ts";
import type { ServiceInput } from "../schema/service.ts";
import { defaultCondition, writtenDependencies } from "./dependencies.ts";
import { effectivePorts } from "./effective-ports.ts";
import { GRANT_VARIABLES, grantsOf } from "./grants.ts";
import { parseMount, type Mount } from "./mounts.ts";
import { parseDuration, parseSize } from "./quantities.ts";
import type { ResolveContext } from "./resolve-context.ts";
import { resolveServiceHealing } from "./resolve-healing.ts";
import { resolveHealthcheck, SERVE_HEALTHCHECK } from "./resolve-healthcheck.ts";
import { resolveSchedule } from "./resolve-schedule.ts";
import { DEFAULT_RETRIES, DEFAULT_TIMEOUTS, resolveRetries, resolveTimeouts } from "./resolve-traffic.ts";

const DEFAULT_RESTART: Omit<RestartSpec, "policy"> = {
  delayMs: 500,
  maxDelayMs: 30_000,
  resetAfterMs: 60_000,
  crashLoopAfter: 5,
};

/** Resolves a service that was checked. */
export function resolveService(name: string, input: ServiceInput, context: ResolveContext): ServiceSpec {
  return {
    name,
    kind: input.kind,
    ...resolveProgram(name, input, context),
    environment: resolveEnvironment(name, input, context),
    ports: effectivePorts(input),
    dependsOn: resolveDependencies(name, input, context),
    ...resolveHealth(input),
    ...resolveScale(input),
    ...(input.warm === undefined ? {} : { warm: input.warm }),
    ...(input.concurrency === undefined ? {} : { concurrency: input.concurrency }),
    ...(input.balance === undefined ? {} : { balance: input.balance }),
    ...(input.max_wait === undefined ? {} : { maxWaitMs: parseDuration(input.max_wait) }),
    ...resolveOrder(input),
    resources: resolveResources(input.resources),
    restart: resolveRestart(input),
    ...resolveServiceHealing(input.healing),
    stopSignal: input.stop_signal,
    stopGraceMs: parseDuration(input.stop_grace_period),
    models: grantsOf(name, input.models).map(({ model, environmentPrefix }) => ({ model, environmentPrefix })),
    secrets: input.secrets ?? [],
    configs: input.configs ?? [],
    volumes: (input.volumes ?? []).map(parseMount).filter((mount): mount is Mount => "volume" in mount),
    labels: Object.fromEntries(Object.entries(input.labels ?? {}).map(([key, value]) => [key, String(value)])),
    ...resolveExternal(input.external),
    run: input.run ?? "each-release",
    timeouts: resolveTimeouts(input.timeouts, DEFAULT_TIMEOUTS),
    retries: resolveRetries(input.retries, DEFAULT_RETRIES),
  };
}

type Program = Pick<ServiceSpec, "serve" | "build" | "image" | "command" | "workingDirectory">;

function resolveProgram(name: string, input: ServiceInput, context: ResolveContext): Program {
  const path = ["services", name];
  const build = resolveBuild(name, input.build, context);
  const { serve } = input;
  const workingDirectory =
    input.working_dir === undefined
      ? (build?.context ?? context.directoryOf(path))
      : context.resolvePath([...path, "working_dir"], input.working_dir);
  return {
    ...(serve === undefined
      ? {}
      : { serve: { engine: serve.engine, model: serve.model ?? serve.engine, args: serve.args.map(String) } }),
    ...(build === undefined ? {} : { build }),
    ...(input.image === undefined ? {} : { image: input.image }),
    ...(input.command === undefined ? {} : { command: input.command.map(String) }),
    workingDirectory,
  };
}

function resolveBuild(name: string, input: ServiceInput["build"], context: ResolveContext): ServiceSpec["build"] {
  const path = ["services", name, "build"];
  if (input === undefined) return undefined;
  if (typeof input === "string") return { context: context.resolvePath(path, input) };
  const folder = context.resolvePath([...path, "context"], input.context);
  return {
    context: folder,
    ...(input.dockerfile === undefined ? {} : { dockerfile: resolve(folder, input.dockerfile) }),
  };
}

/** What Flyball sets for a granted model is not taken from a file: the file may hold the key itself. */
function resolveEnvironment(name: string, input: ServiceInput, context: ResolveContext): Record<string, string> {
  const own = Object.entries(input.environment ?? {}).map(([key, value]) => [key, String(value)] as const);
  const set = new Set(
    grantsOf(name, input.models).flatMap(({ environmentPrefix }) =>
      GRANT_VARIABLES.map((ending) => `${environmentPrefix}_${ending}`),
    ),
  );
  const fromFiles = Object.entries(context.attachments.environments.get(name) ?? {}).filter(([key]) => !set.has(key));
  return Object.fromEntries([...fromFiles, ...own]);
}

function resolveDependencies(name: string, input: ServiceInput, context: ResolveContext): DependencySpec[] {
  return writtenDependencies(name, input.depends_on)
    .filter((dependency) => context.active.has(dependency.service))
    .map(({ service, condition, isRequired, restartsWithDependency }) => ({
      service,
      condition: condition ?? defaultCondition(context.input.services[service]?.kind),
      isRequired,
      restartsWithDependency,
    }));
}

function resolveHealth(input: ServiceInput): Pick<ServiceSpec, "healthcheck"> {
  if (input.healthcheck !== undefined) return { healthcheck: resolveHealthcheck(input.healthcheck) };
  return input.serve === undefined ? {} : { healthcheck: SERVE_HEALTHCHECK };
}

function resolveOrder(input: ServiceInput): Pick<ServiceSpec, "schedule"> {
  const schedule = resolveSchedule(input.schedule);
  return schedule === undefined ? {} : { schedule };
}

function resolveScale({ replicas, scale }: ServiceInput): Pick<ServiceSpec, "replicas" | "scale"> {
  if (scale === undefined) return { replicas: replicas ?? 1 };
  const { min, max, target, window, down_after } = scale;
  return {
    replicas: min,
    scale: {
      min,
      max,
      target,
      windowMs: parseDuration(window),
      ...(down_after === undefined ? {} : { downAfterMs: parseDuration(down_after) }),
    },
  };
}

function resolveResources(input: ResourcesInput | undefined): ResourcesSpec {
  const gpus = input?.reservations?.gpus ?? 0;
  return {
    limits: resolveAmounts(input?.limits),
    reservations: { ...resolveAmounts(input?.reservations), ...(gpus === 0 ? {} : { gpus }) },
    ...(input?.priority === undefined ? {} : { priority: input.priority }),
    ...(input?.preempts === true ? { preempts: true } : {}),
  };
}

function resolveAmounts(input: ResourcesInput["limits"]): ResourcesSpec["limits"] {
  return {
    ...(input?.cpus === undefined ? {} : { cpus: input.cpus }),
    ...(input?.memory === undefined ? {} : { memoryBytes: parseSize(input.memory) }),
  };
}

function resolveRestart(input: ServiceInput): RestartSpec {
  const fallback = input.kind === "job" ? "on-failure" : "always";
  const { restart } = input;
  if (restart === undefined || typeof restart === "string") return { policy: restart ?? fallback, ...DEFAULT_RESTART };
  return {
    policy: restart.policy ?? fallback,
    delayMs: parseDuration(restart.delay),
    maxDelayMs: parseDuration(restart.max_delay),
    resetAfterMs: parseDuration(restart.reset_after),
    crashLoopAfter: restart.crash_loop_after,
  };
}

function resolveExternal(external: string | undefined): Pick<ServiceSpec, "external"> {
  if (external === undefined) return {};
  const isHttp = external.startsWith("http://");
  return {
    external: { address: isHttp ? external.slice("http://".length) : external, protocol: isHttp ? "http" : "tcp" },
  };
}
