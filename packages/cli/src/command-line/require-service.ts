// A service named on the command line must be one of the app; a typing error is answered with the names there are.
import type { AppStatus, ServiceStatus } from "@flyball/core";
import { usageError } from "../messages/localised-error.ts";

/** The service's status; FB_CLI_USAGE with the known names. */
export function requireService(status: AppStatus, name: string): ServiceStatus {
  const found = status.services.find((service) => service.service === name);
  if (found !== undefined) return found;
  const names = status.services.map((service) => service.service).join(", ");
  throw usageError("usage.unknown-service", { service: name, names }, "flyball status");
}

/** `language/1` → its parts; a bare name has no ordinal. */
export function parseInstanceName(text: string): { readonly service: string; readonly instance?: string } {
  const slash = text.indexOf("/");
  if (slash < 0) return { service: text };
  return { service: text.slice(0, slash), instance: text };
}
