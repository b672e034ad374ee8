// The environment of an instance: a small base of the caller's, what control grants, what the user wrote, and what the driver injects.
// Nothing else of the caller's environment reaches an instance, so an app runs the same from any shell.
import { configVariable, environmentName, secretVariable, volumeVariable, type Address } from "@flyball/core";

/** What is passed on of the caller's environment. PATH begins with the right Node already. */
export const BASE_VARIABLES: readonly string[] = [
  "PATH",
  "HOME",
  "USER",
  "LANG",
  "LC_ALL",
  "TZ",
  "TMPDIR",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  ...["http_proxy", "https_proxy", "no_proxy"].flatMap((name) => [name, name.toUpperCase()]),
];

/** Where the files of an instance are, by name. */
export interface InstancePaths {
  readonly volumes: Readonly<Record<string, string>>;
  readonly configs: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Parts of an environment; a later one wins over an earlier one. */
export interface EnvironmentParts {
  readonly base: Readonly<Record<string, string | undefined>>;
  /** FLYBALL_<SERVICE>_URL, model grants. */
  readonly granted: Readonly<Record<string, string>>;
  /** The manifest's. */
  readonly own: Readonly<Record<string, string>>;
  /** By port name, in the order of the workload. */
  readonly addresses: Readonly<Record<string, Address>>;
  readonly paths: InstancePaths;
  /** Ids of its GPUs; absent or empty: it has none of its own, and sees what it may see. */
  readonly gpus?: readonly string[];
}

/** Puts the parts together; the first port becomes PORT and HOST, its GPUs CUDA_VISIBLE_DEVICES. */
export function composeEnvironment(parts: EnvironmentParts): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of BASE_VARIABLES) {
    const value = parts.base[name];
    if (value !== undefined) environment[name] = value;
  }
  Object.assign(environment, parts.granted, parts.own);
  const ports = Object.entries(parts.addresses);
  const first = ports[0]?.[1];
  if (first) Object.assign(environment, { PORT: String(first.port), HOST: first.host });
  for (const [name, { port }] of ports) environment[`FLYBALL_PORT_${environmentName(name)}`] = String(port);
  const gpus = parts.gpus ?? [];
  if (gpus.length > 0) environment["CUDA_VISIBLE_DEVICES"] = gpus.join(",");
  addPaths(environment, parts.paths.volumes, volumeVariable);
  addPaths(environment, parts.paths.configs, configVariable);
  addPaths(environment, parts.paths.secrets, secretVariable);
  return environment;
}

function addPaths(
  environment: Record<string, string>,
  paths: Readonly<Record<string, string>>,
  variable: (name: string) => string,
): void {
  for (const [name, path] of Object.entries(paths)) environment[variable(name)] = path;
}
