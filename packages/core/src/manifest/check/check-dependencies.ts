// Start order: names that exist, conditions that can be reached, no circles.
import { writtenDependencies, type WrittenDependency } from "../resolve/dependencies.ts";
import { activeServices, requireName, serviceNamed, type CheckContext } from "./check-context.ts";

/** Checks every depends_on. */
export function checkDependencies(context: CheckContext): void {
  for (const [name, service] of Object.entries(context.input.services)) {
    const seen = new Set<string>();
    for (const dependency of writtenDependencies(name, service.depends_on)) {
      if (seen.has(dependency.service)) {
        const message = `"${dependency.service}" stands twice in depends_on`;
        context.report({ path: dependency.path, code: "FB_MANIFEST_DUPLICATE", message });
      }
      seen.add(dependency.service);
      checkDependency(name, dependency, context);
    }
  }
  reportCycles(context);
}

function checkDependency(name: string, dependency: WrittenDependency, context: CheckContext): void {
  const { service, path, conditionPath, condition } = dependency;
  if (!requireName(context, "service", { name: service, path })) return;
  const target = serviceNamed(context, service);
  if (target === undefined) return;
  if (dependency.isRequired && context.active.has(name) && !context.active.has(service)) {
    const profiles = (target.profiles ?? []).join(" or ");
    const message = `"${service}" is only part of the app with profile ${profiles}; choose it, or write required: false`;
    context.report({ path, code: "FB_MANIFEST_CONFLICT", message });
  }
  if (condition === "completed" && target.kind !== "job") {
    const message = `"${service}" is not a job and never completes; write ready or started`;
    context.report({ path: conditionPath, code: "FB_MANIFEST_CONFLICT", message });
  }
  if (condition === "ready" && target.kind === "job") {
    const message = `"${service}" is a job and is never ready; write completed`;
    context.report({ path: conditionPath, code: "FB_MANIFEST_CONFLICT", message });
  }
}

/** Longest chain that is followed; a bound for the stack. */
const LONGEST_CHAIN = 1_000;

/** Depth first; each circle is reported once, at the dependency that closes it. */
function reportCycles(context: CheckContext): void {
  const edges = new Map<string, WrittenDependency[]>();
  for (const [name, service] of activeServices(context)) {
    edges.set(
      name,
      writtenDependencies(name, service.depends_on).filter((edge) => context.active.has(edge.service)),
    );
  }
  const finished = new Set<string>();
  const trail: string[] = [];
  const visit = (name: string): void => {
    if (trail.length >= LONGEST_CHAIN) return;
    trail.push(name);
    for (const edge of edges.get(name) ?? []) {
      const start = trail.indexOf(edge.service);
      if (start >= 0) {
        const circle = [...trail.slice(start), edge.service].join(" → ");
        context.report({
          path: edge.path,
          code: "FB_MANIFEST_CYCLE",
          message: `dependencies form a circle: ${circle}`,
        });
      } else if (!finished.has(edge.service)) visit(edge.service);
    }
    trail.pop();
    finished.add(name);
  };
  for (const name of edges.keys()) if (!finished.has(name)) visit(name);
}
