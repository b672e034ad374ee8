// A compose file: its services in our words. What has no counterpart is named in a comment, never dropped in silence.
import { parse } from "yaml";
import { type LocalText, localText } from "../messages/localised-error.ts";
import {
  composeCommand,
  composeDependencies,
  composeEnvironment,
  composeHealthcheck,
  composePorts,
  type Tree,
} from "./compose-fields.ts";
import type { FoundPort, FoundService, FoundServices, ProjectFolder } from "./found-service.ts";
import { readDockerfile } from "./read-dockerfile.ts";
import { readPackageJson } from "./read-package-json.ts";
import { readPyproject } from "./read-pyproject.ts";
import { toServiceName } from "./service-name.ts";

const FILE_NAMES = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
const TAKEN_KEYS = new Set([
  "build",
  "image",
  "command",
  "entrypoint",
  "environment",
  "env_file",
  "ports",
  "expose",
  "depends_on",
  "healthcheck",
  "deploy",
  "scale",
  "restart",
  "profiles",
  "container_name",
]);
const SMALLEST_FREE_PORT = 1024;

/** The services of the first compose file there is. */
export function readCompose(folder: ProjectFolder): FoundServices {
  const path = FILE_NAMES.find((name) => folder.read(name) !== undefined);
  if (path === undefined) return { services: [], comments: [] };
  const document = parseTree(folder.read(path) ?? "");
  if (document === undefined) return { services: [], comments: [localText("init.compose-unreadable", { path })] };
  const entries = Object.entries(asTree(document["services"]) ?? {}).flatMap(([name, service]) => {
    const tree = asTree(service);
    return tree === undefined ? [] : [{ name, service: tree }];
  });
  const isKept = ({ name, service }: NamedService): boolean => kindOf({ folder, name, service }).kind !== "left-out";
  const names = new Map(entries.filter(isKept).map(({ name }) => [name, toServiceName(name)]));
  const jobs = new Set(entries.flatMap(({ service }) => completedNames(service, names)));
  const services = entries.filter(isKept).map((entry) => translateService({ ...entry, path, folder, names, jobs }));
  const comments = entries.filter((entry) => !isKept(entry)).map(({ name, service }) => leftOut(name, service));
  return { services, comments };
}

interface NamedService {
  readonly name: string;
  readonly service: Tree;
}

interface ComposeEntry extends NamedService {
  readonly path: string;
  readonly folder: ProjectFolder;
  /** Compose name → our name, of the services that are kept. */
  readonly names: ReadonlyMap<string, string>;
  /** Our names of services that others wait for to complete. */
  readonly jobs: ReadonlySet<string>;
}

/** What becomes of a service: a program, the address of one that runs in a container, or a remark. */
type ServiceKind =
  | { readonly kind: "program"; readonly command: readonly string[]; readonly directory?: string }
  | { readonly kind: "external"; readonly address: string }
  | { readonly kind: "left-out" };

function kindOf({ folder, service }: NamedService & { readonly folder: ProjectFolder }): ServiceKind {
  const build = buildContext(service["build"]);
  const isImageOnly = build === undefined && service["image"] !== undefined;
  const command =
    composeCommand(service) ?? (build === undefined ? undefined : commandOfContext(folder, service, build));
  if (command !== undefined && !isImageOnly)
    return { kind: "program", command, ...(build === undefined || build === "." ? {} : { directory: build }) };
  const published = composePorts(service["ports"]).find((port) => port.published !== undefined)?.published;
  return published === undefined ? { kind: "left-out" } : { kind: "external", address: `127.0.0.1:${published}` };
}

function leftOut(name: string, service: Tree): LocalText {
  const image = typeof service["image"] === "string" ? service["image"] : name;
  return localText("init.compose-left-out", { service: name, image });
}

function completedNames(service: Tree, names: ReadonlyMap<string, string>): readonly string[] {
  return composeDependencies(service["depends_on"], names)
    .filter(({ condition }) => condition === "completed")
    .map((dependency) => dependency.service);
}

function translateService(entry: ComposeEntry): FoundService {
  const { path, service, names, jobs } = entry;
  const name = names.get(entry.name) ?? entry.name;
  const found = kindOf(entry);
  if (found.kind !== "program") {
    const image = typeof service["image"] === "string" ? service["image"] : name;
    const external = found.kind === "external" ? { external: found.address } : {};
    return { name, source: path, ...external, comments: [localText("init.compose-external", { image })] };
  }
  const environment = composeEnvironment(service["environment"], names);
  const dependsOn = composeDependencies(service["depends_on"], names);
  const healthcheck = composeHealthcheck(service["healthcheck"]);
  const replicas = replicasOf(service);
  const envFiles = textsOf(service["env_file"]);
  const profiles = textsOf(service["profiles"]);
  const { ports, comment } = jobs.has(name) ? { ports: undefined, comment: [] } : portsOf(service, replicas);
  return {
    name,
    source: path,
    command: found.command,
    comments: [...unsupportedKeys(service), ...comment],
    ...(jobs.has(name) ? { kind: "job" } : {}),
    ...(ports === undefined ? {} : { ports }),
    ...(found.directory === undefined ? {} : { workingDirectory: found.directory }),
    ...(Object.keys(environment).length === 0 ? {} : { environment }),
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
    ...(healthcheck === undefined ? {} : { healthcheck }),
    ...(replicas === undefined ? {} : { replicas }),
    ...restartOf(service),
    ...(envFiles.length === 0 ? {} : { envFiles }),
    ...(profiles.length === 0 ? {} : { profiles }),
  };
}

/** A service that names no port may listen all the same, but nothing says so. */
function portsOf(
  service: Tree,
  replicas: number | undefined,
): { readonly ports: readonly FoundPort[] | undefined; readonly comment: readonly LocalText[] } {
  const ports = composePorts(service["ports"]);
  if (ports.length === 0 && Array.isArray(service["expose"]))
    return { ports: undefined, comment: [localText("init.port-hint", {})] };
  if (ports.length === 0) return { ports: [], comment: [localText("init.no-port", {})] };
  const hasOwnPort = (target: number, published: number | undefined): boolean =>
    replicas === undefined && target >= SMALLEST_FREE_PORT && target !== published;
  const found = ports.map(({ protocol, target, published }) => ({
    protocol,
    ...(hasOwnPort(target, published) ? { port: target } : {}),
    ...(published === undefined ? {} : { published }),
  }));
  return { ports: found, comment: [localText("init.port-hint", {})] };
}

function unsupportedKeys(service: Tree): readonly LocalText[] {
  const keys = Object.keys(service).filter((key) => !TAKEN_KEYS.has(key) && !key.startsWith("x-"));
  return keys.length === 0 ? [] : [localText("init.compose-keys", { keys: keys.join(", ") })];
}

/** What the folder of a build would run without a container. */
function commandOfContext(folder: ProjectFolder, service: Tree, context: string): readonly string[] | undefined {
  const directory = context === "." ? undefined : context;
  const dockerfile = asTree(service["build"])?.["dockerfile"];
  const fromDocker = readDockerfile(folder, directory, typeof dockerfile === "string" ? dockerfile : "Dockerfile");
  return (fromDocker ?? readPackageJson(folder, directory) ?? readPyproject(folder, directory))?.command;
}

function buildContext(build: unknown): string | undefined {
  const context = typeof build === "string" ? build : asTree(build)?.["context"];
  return typeof context === "string" ? context.replace(/^\.\//, "").replace(/\/+$/, "") || "." : undefined;
}

function replicasOf(service: Tree): number | undefined {
  const count = asTree(service["deploy"])?.["replicas"] ?? service["scale"];
  return typeof count === "number" && Number.isInteger(count) && count > 1 && count <= 1_000 ? count : undefined;
}

function restartOf(service: Tree): { readonly restart?: "on-failure" | "never" } {
  const { restart } = service;
  if (restart === "no" || restart === false) return { restart: "never" };
  return typeof restart === "string" && restart.startsWith("on-failure") ? { restart: "on-failure" } : {};
}

function textsOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((entry): entry is string => typeof entry === "string");
}

function parseTree(text: string): Tree | undefined {
  try {
    return asTree(parse(text, { maxAliasCount: 100, merge: true }));
  } catch {
    return undefined;
  }
}

function asTree(value: unknown): Tree | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Tree) : undefined;
}
