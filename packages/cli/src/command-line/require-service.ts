// A service named on the command line must be one of the app; a typing error is answered with the nearest name, then all there are.
import { type AppStatus, type FlyballError, nearestName, type ServiceStatus } from "@flyball/core";
import { usageError } from "../messages/localised-error.ts";

/** The service's status; FB_CLI_USAGE with the nearest and all known names. */
export function requireService(status: AppStatus, name: string): ServiceStatus {
  const found = status.services.find((service) => service.service === name);
  if (found !== undefined) return found;
  throw unknownService(
    name,
    status.services.map(({ service }) => service),
  );
}

/** The usage error for a name that no service has; the nearest of the known names comes first, also in the list. */
export function unknownService(name: string, known: readonly string[], command = "flyball status"): FlyballError {
  const nearest = nearestName(name, known);
  if (nearest === undefined)
    return usageError("usage.unknown-service", { service: name, names: known.join(", ") || "-" }, command);
  const names = [nearest, ...known.filter((other) => other !== nearest)].join(", ");
  return usageError("usage.unknown-service-near", { service: name, nearest, names }, command);
}

/** FB_CLI_USAGE with all names when an instance is wanted that is not among them. */
export function requireInstance(wanted: string | undefined, known: ReadonlySet<string>): void {
  if (wanted === undefined || known.has(wanted)) return;
  const names = [...known].join(", ") || "-";
  throw usageError("usage.unknown-instance", { instance: wanted, names }, "flyball ps");
}

/** `language/1` → its parts; a bare name has no ordinal. */
export function parseInstanceName(text: string): { readonly service: string; readonly instance?: string } {
  const slash = text.indexOf("/");
  if (slash < 0) return { service: text };
  return { service: text.slice(0, slash), instance: text };
}
