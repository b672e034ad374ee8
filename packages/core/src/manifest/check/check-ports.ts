// Ports: names, publishing, and who wants the same one.
import { effectivePorts } from "../resolve/effective-ports.ts";
import { collectListeners } from "../resolve/listeners.ts";
import type { ServiceInput } from "../schema/service.ts";
import { formatPath } from "../problems/manifest-problem.ts";
import type { ManifestPath } from "../source/manifest-node.ts";
import { activeServices, type CheckContext } from "./check-context.ts";
import { isLoopback } from "./is-loopback.ts";

/** Checks the ports of each service, then all addresses against one another. */
export function checkPorts(context: CheckContext): void {
  for (const [name, service] of Object.entries(context.input.services)) {
    if (service.external === undefined && service.kind !== "job" && service.serve === undefined)
      checkPortList(name, service, context);
  }
  for (const [name, { host }] of Object.entries(context.input.gateway?.listeners ?? {})) {
    refuseExposed(host, ["gateway", "listeners", name, "host"], context);
  }
  checkClashes(context);
}

function checkPortList(name: string, service: ServiceInput, context: CheckContext): void {
  const seen = new Set<string>();
  let httpPorts = 0;
  for (const [index, port] of (service.ports ?? []).entries()) {
    const path: ManifestPath = ["services", name, "ports", index];
    const portName = port.name ?? port.protocol;
    if (seen.has(portName)) {
      const message = `two ports are named "${portName}"; give each its own name`;
      context.report({ path, code: "FB_MANIFEST_DUPLICATE", message });
    }
    seen.add(portName);
    if (port.protocol === "http" && ++httpPorts > 1) {
      const message =
        "a second http port; the gateway serves one http port a service, so write protocol: tcp for the others";
      context.report({ path, code: "FB_MANIFEST_CONFLICT", message });
    }
    if (port.host !== undefined && port.published === undefined) {
      const message = "host does nothing without published; remove it, or add published";
      context.report({ path: [...path, "host"], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
    }
    if (port.host !== undefined) refuseExposed(port.host, [...path, "host"], context);
    if (port.protocol === "tcp" && port.published !== undefined && (service.replicas ?? 1) > 1) {
      const message = `a published tcp port is the one instance's own, saw replicas: ${service.replicas ?? 1}`;
      context.report({ path: [...path, "published"], code: "FB_MANIFEST_CONFLICT", message });
    }
    if (context.targetType === "local" && port.port !== undefined && (service.replicas ?? 1) > 1) {
      const message = `${service.replicas ?? 1} instances on one machine cannot all listen on ${port.port}; leave port out and read PORT`;
      context.report({ path: [...path, "port"], code: "FB_MANIFEST_PORT_CLASH", message });
    }
  }
}

function refuseExposed(host: string, path: ManifestPath, context: CheckContext): void {
  if (isLoopback(host)) return;
  const message = `${host} is an address that others can reach; listen on 127.0.0.1 and put a proxy of this machine in front`;
  context.report({ path, code: "FB_MANIFEST_EXPOSED", message });
}

interface Occupant {
  readonly host: string;
  readonly port: number;
  readonly path: ManifestPath;
}

function checkClashes(context: CheckContext): void {
  const occupants: Occupant[] = collectListeners(context.input, activeServices(context)).map(
    ({ host, port, path }) => ({ host, port, path }),
  );
  for (const [name, service] of activeServices(context)) {
    for (const [index, port] of effectivePorts(service).entries()) {
      const path = ["services", name, "ports", index];
      const own = port.protocol === "tcp" ? port.published : undefined;
      if (own !== undefined) occupants.push({ host: port.host, port: own, path: [...path, "published"] });
      if (context.targetType === "local" && port.port !== undefined && port.port !== own) {
        occupants.push({ host: "127.0.0.1", port: port.port, path: [...path, "port"] });
      }
    }
  }
  const first = new Map<string, Occupant>();
  for (const occupant of occupants) {
    const key = `${occupant.host === "localhost" ? "127.0.0.1" : occupant.host} ${occupant.port}`;
    const holder = first.get(key);
    if (holder === undefined) {
      first.set(key, occupant);
      continue;
    }
    const message = `port ${occupant.port} is wanted by ${formatPath(holder.path)} as well`;
    context.report({ path: occupant.path, code: "FB_MANIFEST_PORT_CLASH", message });
  }
}
