// Health checks: exactly one way, on a port that exists.
import { nearestName } from "../problems/nearest-name.ts";
import { effectivePorts, hasAddress, speaksHttp } from "../resolve/effective-ports.ts";
import type { ServiceInput } from "../schema/service.ts";
import type { CheckContext } from "./check-context.ts";

/** Checks the health check of each service that has one. */
export function checkHealthchecks(context: CheckContext): void {
  for (const [name, service] of Object.entries(context.input.services)) {
    if (service.healthcheck !== undefined && service.kind !== "job") checkHealthcheck(name, service, context);
  }
}

function checkHealthcheck(name: string, service: ServiceInput, context: CheckContext): void {
  const healthcheck = service.healthcheck;
  if (healthcheck === undefined) return;
  const path = ["services", name, "healthcheck"];
  const given = (["http", "tcp", "command"] as const).filter((key) => healthcheck[key] !== undefined);
  if (given.length !== 1) {
    const seen = given.length === 0 ? "none" : given.join(" and ");
    const message = `expected exactly one of http, tcp and command, saw ${seen}`;
    context.report({
      path,
      code: given.length === 0 ? "FB_MANIFEST_MISSING_KEY" : "FB_MANIFEST_CONFLICT",
      message,
      part: "key",
    });
    return;
  }
  const way = given[0] as "http" | "tcp" | "command";
  const probe = way === "command" ? undefined : healthcheck[way];
  const portName = typeof probe === "object" ? probe.port : undefined;
  if (portName !== undefined) checkPortName(name, { way, portName, service }, context);
  else if (way === "http" && !speaksHttp(service)) {
    const message = "an http check needs an http port; add one to ports, or use tcp or command";
    context.report({ path: [...path, way], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
  } else if (way === "tcp" && !hasAddress(service)) {
    const message = "a tcp check needs a port; add one to ports, or use command";
    context.report({ path: [...path, way], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
  }
}

function checkPortName(
  name: string,
  { way, portName, service }: { way: string; portName: string; service: ServiceInput },
  context: CheckContext,
): void {
  const path = ["services", name, "healthcheck", way, "port"];
  const known = effectivePorts(service).map((port) => port.name);
  if (known.includes(portName)) return;
  const listed = known.length === 0 ? "; the service has no ports" : `; its ports are ${known.join(", ")}`;
  context.report({
    path,
    code: "FB_MANIFEST_UNKNOWN_NAME",
    message: `"${name}" has no port "${portName}"${listed}`,
    suggestion: nearestName(portName, known),
  });
}
