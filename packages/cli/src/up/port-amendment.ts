// `--port N` as a change of the manifest: the first published http port, or the first listener of the gateway, moves to N.
import type { AppSpec } from "@flyball/core";
import { usageError } from "../messages/localised-error.ts";

/** The amendment; FB_CLI_USAGE when the app publishes no http port. */
export function portAmendment(spec: AppSpec, port: number): Readonly<Record<string, unknown>> {
  for (const service of Object.values(spec.services)) {
    const first = service.ports.find((candidate) => candidate.protocol === "http" && candidate.published !== undefined);
    if (first === undefined) continue;
    const ports = service.ports.map((entry) => ({
      name: entry.name,
      protocol: entry.protocol,
      host: entry.host,
      ...(entry.port === undefined ? {} : { port: entry.port }),
      ...(entry === first ? { published: port } : entry.published === undefined ? {} : { published: entry.published }),
    }));
    return { services: { [service.name]: { ports } } };
  }
  const [listener] = Object.keys(spec.gateway.listeners);
  if (listener === undefined) throw usageError("up.no-published-port", { port }, "flyball docs ports");
  return { gateway: { listeners: { [listener]: { port } } } };
}
