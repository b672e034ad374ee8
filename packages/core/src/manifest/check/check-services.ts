// What a service is, and which keys go together.
import type { ServiceInput } from "../schema/service.ts";
import type { CheckContext } from "./check-context.ts";

const PROGRAM_KEYS = ["command", "serve", "image", "build", "external"] as const;
const EXTERNAL_KEYS: ReadonlySet<string> = new Set([
  "kind",
  "external",
  "healthcheck",
  "concurrency",
  "balance",
  "max_wait",
  "schedule",
  "timeouts",
  "retries",
  "labels",
  "profiles",
]);
const JOB_EXCLUDES = [
  "ports",
  "healthcheck",
  "replicas",
  "scale",
  "warm",
  "concurrency",
  "balance",
  "max_wait",
  "schedule",
  "healing",
  "timeouts",
  "retries",
] as const;

/** Checks each service by itself. */
export function checkServices(context: CheckContext): void {
  for (const [name, service] of Object.entries(context.input.services)) {
    checkProgram(name, service, context);
    if (service.external !== undefined) checkExternal(name, service, context);
    else if (service.serve !== undefined) checkServe(name, service, context);
    if (service.kind === "job" && service.serve === undefined) checkJob(name, service, context);
    else if (service.kind !== "job" && service.run !== undefined) {
      const message = "run belongs to jobs; remove it, or write kind: job";
      context.report({ path: ["services", name, "run"], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
    }
    if (service.kind === "stateful" && (service.replicas ?? 1) > 1) {
      const message = `a stateful service has one instance, saw replicas: ${service.replicas ?? 1}`;
      context.report({ path: ["services", name, "replicas"], code: "FB_MANIFEST_CONFLICT", message });
    }
  }
}

function checkProgram(name: string, service: ServiceInput, context: CheckContext): void {
  const present = PROGRAM_KEYS.filter((key) => service[key] !== undefined);
  const path = ["services", name];
  if (present.length === 0) {
    const message = "nothing to run; write exactly one of command, serve, image, build and external";
    context.report({ path, code: "FB_MANIFEST_MISSING_KEY", message, part: "key" });
    return;
  }
  const other = present.find((key) => key !== "command");
  const isCombined = present.includes("command") && (other === "image" || other === "build");
  if (present.length === 1 || (present.length === 2 && isCombined)) return;
  const message = `${present.join(" and ")} do not go together; only command may come with image or build`;
  context.report({ path: [...path, present[1] as string], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
}

function checkExternal(name: string, service: ServiceInput, context: CheckContext): void {
  const external = service.external as string;
  const path = ["services", name, "external"];
  const fits = /^(?:http:\/\/)?(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})$/.exec(external);
  const port = Number(fits?.[1]);
  if (fits === null || port < 1 || port > 65_535) {
    const remedy = external.startsWith("https://") ? "; https is not supported here yet" : "";
    const message = `expected host:port or http://host:port, saw "${external.slice(0, 80)}"${remedy}`;
    context.report({ path, code: "FB_MANIFEST_WRONG_VALUE", message });
  }
  if (service.kind !== "service") {
    const message = `an external service is of kind service, saw ${service.kind}`;
    context.report({ path: ["services", name, "kind"], code: "FB_MANIFEST_CONFLICT", message });
  }
  for (const key of givenKeys(service)) {
    if (EXTERNAL_KEYS.has(key) || key === "command" || key === "serve" || key === "image" || key === "build") continue;
    const message = `${key} does nothing for an external service, which is never started; remove it`;
    context.report({ path: ["services", name, key], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
  }
  if (service.healthcheck?.command !== undefined) {
    const message = "an external service can be checked with http or tcp, not with a command";
    context.report({
      path: ["services", name, "healthcheck", "command"],
      code: "FB_MANIFEST_CONFLICT",
      message,
      part: "key",
    });
  }
}

/** Keys that the user gave: those with a default that still have it do not count. */
function givenKeys(service: ServiceInput): string[] {
  const defaults: Readonly<Record<string, unknown>> = {
    kind: "service",
    stop_signal: "SIGTERM",
    stop_grace_period: "10s",
  };
  return Object.entries(service).flatMap(([key, value]) =>
    value === undefined || value === defaults[key] ? [] : [key],
  );
}

function checkServe(name: string, service: ServiceInput, context: CheckContext): void {
  if (service.ports !== undefined) {
    const message = "a service with serve has one http port of its own; remove ports, and publish with routes";
    context.report({ path: ["services", name, "ports"], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
  }
  if (service.kind !== "service") {
    const message = `serve goes with kind service, saw ${service.kind}`;
    context.report({ path: ["services", name, "kind"], code: "FB_MANIFEST_CONFLICT", message });
  }
}

function checkJob(name: string, service: ServiceInput, context: CheckContext): void {
  for (const key of JOB_EXCLUDES) {
    if (service[key] === undefined) continue;
    const message = `a job has no ${key}: it runs once and ends; remove it, or write kind: service`;
    context.report({ path: ["services", name, key], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
  }
  const restart = service.restart;
  const policy = typeof restart === "object" ? restart.policy : restart;
  if (policy === "always") {
    const message = "a job that is always restarted never ends; write on-failure or never";
    const path = ["services", name, "restart", ...(typeof restart === "object" ? ["policy"] : [])];
    context.report({ path, code: "FB_MANIFEST_CONFLICT", message });
  }
}
