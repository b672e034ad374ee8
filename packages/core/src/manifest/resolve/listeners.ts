// Every public listener: those that gateway.listeners names and those that published http ports make.
import type { ServiceInput } from "../schema/service.ts";
import type { ManifestInput } from "../schema/manifest.ts";
import type { ManifestPath } from "../source/manifest-node.ts";
import { effectivePorts } from "./effective-ports.ts";

/** One public listener. */
export interface Listener {
  /** `public`, or `api.http` for a published port. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly path: ManifestPath;
  /** The service whose published port made it. */
  readonly service?: string;
}

/** Named ones first, then published ones in the order of the services. */
export function collectListeners(
  input: ManifestInput,
  services: readonly (readonly [string, ServiceInput])[],
): Listener[] {
  const listeners: Listener[] = [];
  for (const [name, { host, port }] of Object.entries(input.gateway?.listeners ?? {})) {
    listeners.push({ name, host, port, path: ["gateway", "listeners", name, "port"] });
  }
  for (const [service, spec] of services) {
    for (const [index, port] of effectivePorts(spec).entries()) {
      if (port.protocol !== "http" || port.published === undefined) continue;
      const path = ["services", service, "ports", index, "published"];
      listeners.push({ name: `${service}.${port.name}`, host: port.host, port: port.published, path, service });
    }
  }
  return listeners;
}
