// What every check gets: the parts of the manifest that fit the schema, all names that were declared (also of parts that do not fit, so
// that a reference to them is not reported as well), and a way to report.
import type { PathProblem } from "../problems/problem-list.ts";
import { nearestName } from "../problems/nearest-name.ts";
import type { ManifestInput } from "../schema/manifest.ts";
import type { ServiceInput } from "../schema/service.ts";
import type { ManifestPath, SourceLocation } from "../source/manifest-node.ts";

/** A kind of thing that is referred to by name. */
export type NamedKind = "service" | "model" | "secret" | "config" | "volume";

/** A start-time placeholder with its place; `service` is set where it stands in a service. */
export interface PlaceholderUse {
  readonly path: ManifestPath;
  readonly name: string;
  /** Set for a value of an environment file: the place in that file. */
  readonly place?: SourceLocation;
}

/** The checks' view of a manifest. */
export interface CheckContext {
  readonly input: ManifestInput;
  /** Names that stand in the file, whether or not their part fits the schema. */
  readonly declared: Readonly<Record<NamedKind, ReadonlySet<string>>>;
  /** Services that belong to the app with the chosen profiles. */
  readonly active: ReadonlySet<string>;
  readonly targetType: "local" | "docker" | "swarm" | "kubernetes";
  readonly placeholders: readonly PlaceholderUse[];
  report(problem: PathProblem): void;
}

/** The valid services that belong to the app. */
export function activeServices(context: CheckContext): [string, ServiceInput][] {
  return Object.entries(context.input.services).filter(([name]) => context.active.has(name));
}

/** A valid service by name. */
export function serviceNamed(context: CheckContext, name: string): ServiceInput | undefined {
  return Object.hasOwn(context.input.services, name) ? context.input.services[name] : undefined;
}

/** Reports a name that nothing has. Returns whether the name is declared. */
export function requireName(
  context: CheckContext,
  kind: NamedKind,
  { name, path }: { name: string; path: ManifestPath },
): boolean {
  if (context.declared[kind].has(name)) return true;
  const known = context.declared[kind];
  const suggestion = nearestName(name, known);
  context.report({
    path,
    code: "FB_MANIFEST_UNKNOWN_NAME",
    message: `there is no ${kind} "${name}"${suggestion === undefined ? describeKnown(kind, known) : ""}`,
    suggestion,
  });
  return false;
}

function describeKnown(kind: NamedKind, known: ReadonlySet<string>): string {
  if (known.size === 0) return `; ${kind}s has no entries`;
  return known.size <= 8 ? `; ${kind}s are ${[...known].join(", ")}` : "";
}
