// The plan that people see before it is done: one step for each service, with the fields that changed as the reason.
import type { AppSpec, ComposedText, Plan, PlanStep, Revision, ServiceSpec, SpecChange } from "@flyball/core";
import { startOrder } from "../desired/start-order.ts";
import { composeText, textFields } from "../texts/compose-text.ts";

/** What a plan is made of. */
export interface PlanInput {
  readonly before: Revision | undefined;
  readonly after: AppSpec;
  readonly changes: readonly SpecChange[];
  readonly dropped: Plan["droppedOverrides"];
  hashOf(spec: AppSpec, service: ServiceSpec): string | undefined;
}

/** Steps in start order; services that go come last. Pure. */
export function makePlan(input: PlanInput): Plan {
  const { before, after } = input;
  const steps = startOrder(after).flatMap((name): PlanStep[] => {
    const service = after.services[name];
    return service === undefined ? [] : [stepFor(input, service)];
  });
  const gone = Object.keys(before?.spec.services ?? {}).filter((name) => after.services[name] === undefined);
  const stops = gone.map((service): PlanStep => ({
    service,
    action: "stop",
    ...textFields({ reason: composeText("plan.not-in-revision") }),
    changes: [],
  }));
  return {
    fromRevision: before?.number ?? null,
    toRevision: (before?.number ?? 0) + (input.changes.length === 0 && before !== undefined ? 0 : 1),
    steps: [...steps, ...stops],
    droppedOverrides: input.dropped,
  };
}

function stepFor(input: PlanInput, service: ServiceSpec): PlanStep {
  const { before, after } = input;
  const old = before?.spec.services[service.name];
  const changes = input.changes.filter((change) => change.path.startsWith(`services.${service.name}.`));
  const step = (action: PlanStep["action"], reason: ComposedText): PlanStep => ({
    service: service.name,
    action,
    ...textFields({ reason }),
    changes,
  });
  if (service.external !== undefined)
    return step(changes.length === 0 && old !== undefined ? "keep" : "update-routes", composeText("plan.external"));
  const isSameProgram =
    old !== undefined && before !== undefined && input.hashOf(before.spec, old) === input.hashOf(after, service);
  if (service.kind === "job") {
    const isDue = service.run === "each-release" ? input.changes.length > 0 || before === undefined : old === undefined;
    return isDue ? step("run-job", composeText(`plan.job-${service.run}`)) : step("keep", composeText("plan.job-done"));
  }
  if (old === undefined)
    return step(
      "start",
      service.replicas === 1
        ? composeText("plan.one-instance")
        : composeText("plan.instances", { count: service.replicas }),
    );
  const fields = changes.map((change) => change.path.slice(`services.${service.name}.`.length)).join(", ");
  const changed = composeText("plan.changed", { fields });
  if (!isSameProgram) return step("replace", fields === "" ? composeText("plan.config-changed") : changed);
  if (old.replicas !== service.replicas)
    return step("scale", composeText("plan.scale", { before: old.replicas, after: service.replicas }));
  return changes.length === 0 ? step("keep", composeText("plan.unchanged")) : step("update-routes", changed);
}
