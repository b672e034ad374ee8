// `depends_on` in one form. Without a condition a service must be ready and a job completed.
import type { DependencySpec } from "../../app-spec.ts";
import type { DependsOnInput } from "../schema/depends-on.ts";
import type { ManifestPath } from "../source/manifest-node.ts";

/** One dependency with the path at which it was written. */
export interface WrittenDependency extends Omit<DependencySpec, "condition"> {
  /** Undefined: the default for the kind of the dependency. */
  readonly condition: DependencySpec["condition"] | undefined;
  readonly path: ManifestPath;
  /** Where the condition stands; the same as `path` when it was not written. */
  readonly conditionPath: ManifestPath;
}

/** The dependencies of one service as written. */
export function writtenDependencies(service: string, dependsOn: DependsOnInput | undefined): WrittenDependency[] {
  const base: ManifestPath = ["services", service, "depends_on"];
  if (dependsOn === undefined) return [];
  if (Array.isArray(dependsOn)) {
    return dependsOn.map((name, index) => {
      const path = [...base, index];
      return {
        service: name,
        condition: undefined,
        isRequired: true,
        restartsWithDependency: false,
        path,
        conditionPath: path,
      };
    });
  }
  return Object.entries(dependsOn).map(([name, rule]) => {
    const path = [...base, name];
    if (typeof rule === "string") {
      return {
        service: name,
        condition: rule,
        isRequired: true,
        restartsWithDependency: false,
        path,
        conditionPath: path,
      };
    }
    const { condition, required, restart } = rule;
    const conditionPath = condition === undefined ? path : [...path, "condition"];
    return { service: name, condition, isRequired: required, restartsWithDependency: restart, path, conditionPath };
  });
}

/** The condition that holds when none is written. */
export function defaultCondition(kind: "service" | "job" | "stateful" | undefined): DependencySpec["condition"] {
  return kind === "job" ? "completed" : "ready";
}
