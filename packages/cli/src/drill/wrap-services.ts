// A changed copy of the manifest in which the fault proxy stands before every instance with HTTP. The proxy listens on the instance's port; a
// drill finds its control socket by that port.
import { join } from "node:path";
import type { AppSpec, ServiceSpec } from "@flyball/core";
import { entryPoint } from "../entry-points.ts";

/** Whether the fault proxy can stand before the instances of a service. */
export function canBeWrapped(service: ServiceSpec): boolean {
  const hasHttp = service.ports.some(({ protocol }) => protocol === "http") || service.serve !== undefined;
  const isOurs = service.command !== undefined || service.serve !== undefined;
  return hasHttp && isOurs && service.image === undefined && service.external === undefined;
}

/** The changes: commands behind the proxy. Engines have no command of their own; `ENGINE_WRAPPER_VARIABLE` is for them. */
export function wrapServices(spec: AppSpec, socketFolder: string): Readonly<Record<string, unknown>> {
  const services = Object.values(spec.services).filter(
    (service) => canBeWrapped(service) && service.serve === undefined,
  );
  return {
    services: Object.fromEntries(
      services.map((service) => [
        service.name,
        { command: [...proxyCommand(socketFolder, service.healthcheck?.http?.path), ...(service.command ?? [])] },
      ]),
    ),
  };
}

/** The beginning of a command behind the proxy. */
export function proxyCommand(socketFolder: string, healthPath: string | undefined): readonly string[] {
  return [
    ...entryPoint("fault-proxy"),
    "--socket",
    join(socketFolder, "${instance.port}.sock"),
    ...(healthPath === undefined ? [] : ["--health-path", healthPath]),
    "--",
  ];
}
