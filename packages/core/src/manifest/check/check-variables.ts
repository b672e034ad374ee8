// Environment variables that Flyball sets: two names must not become one variable, and the user must not set one of them.
import {
  configVariable,
  INSTANCE_TAG_VARIABLE,
  secretVariable,
  serviceUrlVariable,
  volumeVariable,
} from "../../instance-tag.ts";
import { formatPath } from "../problems/manifest-problem.ts";
import { effectivePorts, speaksHttp } from "../resolve/effective-ports.ts";
import { GRANT_VARIABLES, grantsOf } from "../resolve/grants.ts";
import { parseMount } from "../resolve/mounts.ts";
import type { ServiceInput } from "../schema/service.ts";
import type { ManifestPath } from "../source/manifest-node.ts";
import { activeServices, type CheckContext } from "./check-context.ts";

interface Variable {
  readonly name: string;
  /** `the URL of service chat-base`. */
  readonly meaning: string;
  readonly path: ManifestPath;
}

/** Checks the variables of each service of the app. */
export function checkVariables(context: CheckContext): void {
  const urls: Variable[] = activeServices(context)
    .filter(([, service]) => speaksHttp(service))
    .map(([name]) => ({
      name: serviceUrlVariable(name),
      meaning: `the URL of service "${name}"`,
      path: ["services", name],
    }));
  for (const [name, service] of activeServices(context)) {
    if (service.external === undefined) checkService(name, { service, urls }, context);
  }
}

function checkService(
  name: string,
  { service, urls }: { service: ServiceInput; urls: readonly Variable[] },
  context: CheckContext,
): void {
  const taken = new Map<string, Variable>();
  const reported = new Set<string>();
  taken.set(INSTANCE_TAG_VARIABLE, {
    name: INSTANCE_TAG_VARIABLE,
    meaning: "the instance's tag",
    path: ["services", name],
  });
  for (const variable of [...urls, ...ownVariables(name, service)]) {
    const holder = taken.get(variable.name);
    if (holder === undefined) taken.set(variable.name, variable);
    else if (holder.meaning !== variable.meaning && !reported.has(pairOf(variable, holder))) {
      reported.add(pairOf(variable, holder));
      const message = `${variable.meaning} and ${holder.meaning} both become ${variable.name}; rename one${prefixRemedy(variable, holder)}`;
      context.report({ path: variable.path, code: "FB_MANIFEST_NAME_CLASH", message, part: "key" });
    }
  }
  for (const key of Object.keys(service.environment ?? {})) checkOwn(key, { name, service, taken }, context);
}

/** Two grants with one prefix clash in three variables; that is one mistake. */
function pairOf(variable: Variable, holder: Variable): string {
  return `${formatPath(variable.path)} ${formatPath(holder.path)}`;
}

function prefixRemedy(variable: Variable, holder: Variable): string {
  const isGrant = variable.meaning.includes("model") || holder.meaning.includes("model");
  return isGrant ? ", or give the model's grant a prefix with env" : "";
}

function ownVariables(name: string, service: ServiceInput): Variable[] {
  const base: ManifestPath = ["services", name];
  const mounts = (service.volumes ?? []).map(parseMount);
  return [
    ...grantsOf(name, service.models).flatMap(({ model, environmentPrefix, path }) =>
      GRANT_VARIABLES.map((ending) => ({
        name: `${environmentPrefix}_${ending}`,
        meaning: `${ending} of model "${model}"`,
        path,
      })),
    ),
    ...mounts.flatMap((mount, index) =>
      "complaint" in mount
        ? []
        : [
            {
              name: volumeVariable(mount.volume),
              meaning: `the path of volume "${mount.volume}"`,
              path: [...base, "volumes", index],
            },
          ],
    ),
    ...(service.configs ?? []).map((config, index) => ({
      name: configVariable(config),
      meaning: `the path of config "${config}"`,
      path: [...base, "configs", index],
    })),
    ...(service.secrets ?? []).map((secret, index) => ({
      name: secretVariable(secret),
      meaning: `the path of secret "${secret}"`,
      path: [...base, "secrets", index],
    })),
  ];
}

interface OwnVariables {
  readonly name: string;
  readonly service: ServiceInput;
  readonly taken: ReadonlyMap<string, Variable>;
}

function checkOwn(key: string, { name, service, taken }: OwnVariables, context: CheckContext): void {
  const path = ["services", name, "environment", key];
  const holder = taken.get(key);
  if (holder !== undefined) {
    const message = `${key} is set by Flyball (${holder.meaning}); remove it`;
    context.report({ path, code: "FB_MANIFEST_NAME_CLASH", message, part: "key" });
    return;
  }
  if (key.startsWith("FLYBALL_")) {
    const message = "names that begin with FLYBALL_ are set by Flyball only; choose another";
    context.report({ path, code: "FB_MANIFEST_NAME_CLASH", message, part: "key" });
    return;
  }
  if ((key === "PORT" || key === "HOST") && effectivePorts(service).length > 0) {
    const message = `${key} is set by Flyball; remove it${key === "PORT" ? ", or name the port in ports: [{ port: … }]" : ""}`;
    context.report({ path, code: "FB_MANIFEST_NAME_CLASH", message, part: "key" });
  }
}
