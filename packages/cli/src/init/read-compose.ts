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
import type { FoundService, FoundServices, ProjectFolder } from "./found-service.ts";
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
  const names = new Map(entries.map(({ name }) => [name, toServiceName(name)]));
  const translated = entries.map(({ name, service }) =>
    translateService({ path, folder, name: names.get(name) ?? name, service, names }),
  );
  const services = translated.flatMap((entry) => ("service" in entry ? [entry.service] : []));
  const kept = new Set(services.map((service) => service.name));
  return {
    services: services.map((service) => withKnownDependencies(service, kept)),
    comments: translated.flatMap((entry) => ("comment" in entry ? [entry.comment] : [])),
  };
}

interface ComposeEntry {
  readonly path: string;
  readonly folder: ProjectFolder;
  readonly name: string;
  readonly service: Tree;
  /** Compose name → our name. */
  readonly names: ReadonlyMap<string, string>;
}

type Translated = { readonly service: FoundService } | { readonly comment: LocalText };

function translateService(entry: ComposeEntry): Translated {
  const { path, name, service } = entry;
  const comments = unsupportedKeys(service);
  const build = buildContext(service["build"]);
  const ports = composePorts(service["ports"]);
  const command = composeCommand(service) ?? (build === undefined ? undefined : commandOfContext(entry, build));
  if (command === undefined || (build === undefined && service["image"] !== undefined)) {
    const published = ports.find((port) => port.published !== undefined)?.published;
    const image = typeof service["image"] === "string" ? service["image"] : name;
    if (published === undefined) return { comment: localText("init.compose-left-out", { service: name, image }) };
    const external = { name, source: path, external: `127.0.0.1:${published}` };
    return { service: { ...external, comments: [localText("init.compose-external", { image })] } };
  }
  const environment = composeEnvironment(service["environment"], entry.names);
  const dependsOn = composeDependencies(service["depends_on"], entry.names);
  const healthcheck = composeHealthcheck(service["healthcheck"]);
  const replicas = replicasOf(service);
  const envFiles = textsOf(service["env_file"]);
  const profiles = textsOf(service["profiles"]);
  return {
    service: {
      name,
      source: path,
      command,
      comments: [...comments, localText("init.port-hint", {})],
      ports: ports.map(({ protocol, target, published }) => ({
        protocol,
        ...(replicas === undefined && target >= SMALLEST_FREE_PORT && target !== published ? { port: target } : {}),
        ...(published === undefined ? {} : { published }),
      })),
      ...(build === undefined || build === "." ? {} : { workingDirectory: build }),
      ...(Object.keys(environment).length === 0 ? {} : { environment }),
      ...(dependsOn.length === 0 ? {} : { dependsOn }),
      ...(healthcheck === undefined ? {} : { healthcheck }),
      ...(replicas === undefined ? {} : { replicas }),
      ...restartOf(service),
      ...(envFiles.length === 0 ? {} : { envFiles }),
      ...(profiles.length === 0 ? {} : { profiles }),
    },
  };
}

function withKnownDependencies(service: FoundService, known: ReadonlySet<string>): FoundService {
  const { dependsOn, ...rest } = service;
  const kept = dependsOn?.filter((dependency) => known.has(dependency.service)) ?? [];
  return kept.length === 0 ? rest : { ...rest, dependsOn: kept };
}

function unsupportedKeys(service: Tree): readonly LocalText[] {
  const keys = Object.keys(service).filter((key) => !TAKEN_KEYS.has(key) && !key.startsWith("x-"));
  return keys.length === 0 ? [] : [localText("init.compose-keys", { keys: keys.join(", ") })];
}

/** What the folder of a build would run without a container. */
function commandOfContext({ folder, service }: ComposeEntry, context: string): readonly string[] | undefined {
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
