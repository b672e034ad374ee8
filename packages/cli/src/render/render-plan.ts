// A plan as people read it before it is done: one line a service with a sign for what happens to it, the changed fields below.
import { assertNever, type Plan, type PlanStep, type SpecChange } from "@flyball/core";
import { fieldText } from "../messages/field-text.ts";
import type { Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";

/** The steps that do something; a plan without one says so. */
export function renderPlan(plan: Plan, translate: Translate, style: Style): string {
  const steps = plan.steps.filter((step) => step.action !== "keep");
  const dropped = plan.droppedOverrides.map((override) =>
    translate("plan.dropped-override", {
      field: override.field,
      value: JSON.stringify(override.value),
      reason: fieldText(override, "reason", translate),
    }),
  );
  if (steps.length === 0) return [translate("plan.nothing"), ...dropped].join("\n");
  const title = translate("plan.title", { revision: plan.toRevision });
  return [title, ...steps.flatMap((step) => renderStep(step, translate, style)), ...dropped].join("\n");
}

function renderStep(step: PlanStep, translate: Translate, style: Style): string[] {
  const sign = signOf(step.action);
  const paint = sign === "+" ? style.green : sign === "-" ? style.red : style.yellow;
  const reason = fieldText(step, "reason", translate);
  const action = translate(`plan.${step.action}`);
  const what = reason === "" ? action : translate("plan.step", { action, reason });
  const head = `  ${paint(sign)} ${step.service}: ${what}`;
  return [head, ...step.changes.map((change) => `      ${renderChange(change, style)}`)];
}

function signOf(action: PlanStep["action"]): string {
  switch (action) {
    case "start":
    case "run-job":
      return "+";
    case "replace":
    case "scale":
    case "update-routes":
      return "~";
    case "stop":
      return "-";
    case "keep":
      return "=";
    default:
      return assertNever(action);
  }
}

/** `services.api.replicas: 1 → 2`; long values are cut. */
export function renderChange(change: SpecChange, style: Style): string {
  return `${change.path}: ${style.red(shown(change.before))} → ${style.green(shown(change.after))}`;
}

function shown(value: unknown): string {
  if (value === undefined) return "∅";
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}
