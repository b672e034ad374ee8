// The ports that a service really has, with defaults. Checks and the resolver share it, so they cannot disagree.
import type { PortSpec } from "../../app-spec.ts";
import type { ServiceInput } from "../schema/service.ts";

/** The address that is published on when none is named. */
export const LOOPBACK = "127.0.0.1";

/** A service or stateful service without `ports` has one http port; a job and an external service have none. */
export function effectivePorts(service: ServiceInput): PortSpec[] {
  if (service.external !== undefined || service.kind === "job") return [];
  if (service.ports === undefined || service.serve !== undefined)
    return [{ name: "http", protocol: "http", host: LOOPBACK }];
  return service.ports.map((port) => ({
    name: port.name ?? port.protocol,
    protocol: port.protocol,
    ...(port.port === undefined ? {} : { port: port.port }),
    ...(port.published === undefined ? {} : { published: port.published }),
    host: port.host ?? LOOPBACK,
  }));
}

/** Whether requests can be sent to the service through the gateway. */
export function speaksHttp(service: ServiceInput): boolean {
  if (service.external !== undefined) return service.external.startsWith("http://");
  return effectivePorts(service).some((port) => port.protocol === "http");
}

/** Whether the service can be connected to at all. */
export function hasAddress(service: ServiceInput): boolean {
  return service.external !== undefined || effectivePorts(service).length > 0;
}
