// Limits, budgets and what refers to other models: what the schema alone cannot see.
import type { BudgetInput } from "../schema/limits.ts";
import type { ManifestPath } from "../source/manifest-node.ts";
import { requireName, type CheckContext } from "./check-context.ts";

/** Checks tenants, the budgets of models and backends, fallbacks and the time zone. */
export function checkLimits(context: CheckContext): void {
  const { input } = context;
  for (const [name, tenant] of Object.entries(input.tenants)) checkBudget(tenant.budget, ["tenants", name], context);
  for (const [name, model] of Object.entries(input.models)) {
    checkBudget(model.budget, ["models", name], context);
    for (const [index, backend] of model.backends.entries()) {
      checkBudget(backend.budget, ["models", name, "backends", index], context);
    }
    checkFallbacks(name, model.fallbacks ?? [], context);
  }
  checkTimeZone(input.gateway?.time_zone, context);
}

function checkBudget(budget: BudgetInput | undefined, owner: ManifestPath, context: CheckContext): void {
  if (budget === undefined) return;
  const isList = Array.isArray(budget);
  const seen = new Set<string>();
  for (const [index, { usd, cny, per }] of (isList ? budget : [budget]).entries()) {
    const path = isList ? [...owner, "budget", index] : [...owner, "budget"];
    if ((usd === undefined) === (cny === undefined)) {
      const message = `expected exactly one of usd and cny, saw ${usd === undefined ? "none" : "both"}`;
      context.report({ path, code: "FB_MANIFEST_CONFLICT", message });
      continue;
    }
    const kind = `${usd === undefined ? "cny" : "usd"} per ${per}`;
    if (seen.has(kind)) {
      context.report({ path, code: "FB_MANIFEST_DUPLICATE", message: `there is another budget in ${kind}` });
    }
    seen.add(kind);
  }
}

function checkFallbacks(model: string, fallbacks: readonly string[], context: CheckContext): void {
  for (const [index, fallback] of fallbacks.entries()) {
    const path = ["models", model, "fallbacks", index];
    if (!requireName(context, "model", { name: fallback, path })) continue;
    if (fallback !== model) continue;
    context.report({ path, code: "FB_MANIFEST_CYCLE", message: `"${model}" cannot fall back to itself` });
  }
}

function checkTimeZone(timeZone: string | undefined, context: CheckContext): void {
  if (timeZone === undefined || isTimeZone(timeZone)) return;
  const message = `expected a time zone like Asia/Shanghai or UTC, saw "${timeZone.slice(0, 80)}"`;
  context.report({ path: ["gateway", "time_zone"], code: "FB_MANIFEST_WRONG_VALUE", message });
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
