// Fills in what is known only at the start of an instance: its own ports and ordinal, and the addresses of other services.
// `${secrets.x}` stays for the keeper, and any other `${…}` belongs to the program (a shell reads `${HOME}`).
import { FlyballError, serviceUrlVariable, type Address } from "@flyball/core";

/** What placeholders stand for. */
export interface PlaceholderValues {
  readonly service: string;
  readonly ordinal: number;
  /** By port name, in the order of the workload; the first is `${instance.port}`. */
  readonly addresses: Readonly<Record<string, Address>>;
  /** `host:port` by service. */
  readonly serviceAddresses: Readonly<Record<string, string>>;
  /** Where FLYBALL_<SERVICE>_URL stands, for `${services.x.url}`. */
  readonly environment: Readonly<Record<string, string>>;
}

const PLACEHOLDER = /\$\{(instance|services)\.([^}]*)\}/g;

/** Replaces `${instance.port}`, `${instance.port.<name>}`, `${instance.ordinal}`, `${services.<x>.address}`, `${services.<x>.url}`; FB_DRIVER_PLACEHOLDER for others of these two kinds. */
export function substitutePlaceholders(text: string, values: PlaceholderValues): string {
  return text.replaceAll(PLACEHOLDER, (placeholder, kind: string, path: string) => {
    const result = kind === "instance" ? instanceValue(path, values) : serviceValue(path, values);
    if ("value" in result) return result.value;
    throw new FlyballError("FB_DRIVER_PLACEHOLDER", { service: values.service, placeholder, reason: result.problem });
  });
}

type Result = { readonly value: string } | { readonly problem: string };

function instanceValue(path: string, { addresses, ordinal }: PlaceholderValues): Result {
  if (path === "ordinal") return { value: String(ordinal) };
  const names = Object.keys(addresses);
  if (path === "port") {
    const first = names[0];
    return first === undefined ? { problem: "the service has no port" } : { value: String(addresses[first]?.port) };
  }
  if (!path.startsWith("port."))
    return { problem: "known are instance.port, instance.port.<name> and instance.ordinal" };
  const address = addresses[path.slice("port.".length)];
  if (address) return { value: String(address.port) };
  return { problem: names.length === 0 ? "the service has no port" : `its ports are ${names.join(", ")}` };
}

function serviceValue(path: string, { serviceAddresses, environment }: PlaceholderValues): Result {
  const dot = path.lastIndexOf(".");
  const service = path.slice(0, Math.max(0, dot));
  const what = path.slice(dot + 1);
  if (what !== "address" && what !== "url")
    return { problem: "known are services.<name>.address and services.<name>.url" };
  const value = what === "address" ? serviceAddresses[service] : environment[serviceUrlVariable(service)];
  return value === undefined ? { problem: `${service} has no ${what} yet` } : { value };
}
