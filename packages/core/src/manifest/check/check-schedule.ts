// What stands in `schedule`: what the schema alone cannot see.
import { speaksHttp } from "../resolve/effective-ports.ts";
import { parseDuration } from "../resolve/quantities.ts";
import type { ScheduleInput } from "../schema/schedule.ts";
import type { CheckContext } from "./check-context.ts";

const LONGEST_SLOW_START_MS = 3_600_000;
const LONGEST_GAP_MS = 60_000;
/** They are about prompts and key-value memory. */
const OF_MODELS = [
  "prefix_affinity",
  "prefix_threshold",
  "prompt_chunks",
  "kv_utilization",
  "kv_tokens",
  "itl_objective",
] as const;

/** Checks `schedule` of each service. */
export function checkSchedule(context: CheckContext): void {
  const models = Object.values(context.input.models);
  // A model that does not fit the schema has its own message, and its backends are not known.
  const areModelsKnown = models.length === context.declared.model.size;
  const ofModels = new Set(models.flatMap(({ backends }) => backends.map(({ service }) => service)));
  for (const [name, service] of Object.entries(context.input.services)) {
    const { schedule } = service;
    if (schedule === undefined || service.kind === "job") continue;
    checkOrder(name, schedule, context);
    checkSlowStart(name, schedule, context);
    checkObjective(name, schedule, context);
    if (!speaksHttp(service)) {
      const message = "schedule is about requests that the gateway sends, and this service has no http port; remove it";
      context.report({ path: pathOf(name), code: "FB_MANIFEST_CONFLICT", message, part: "key" });
    } else if (areModelsKnown && !ofModels.has(name)) checkPlain(name, schedule, context);
  }
}

function checkOrder(name: string, { order, gamma }: ScheduleInput, context: CheckContext): void {
  if (gamma === undefined || order === "boost") return;
  const message = `gamma goes with order: boost, saw ${order === undefined ? "no order" : `order: ${order}`}; write order: boost, or remove gamma`;
  context.report({ path: [...pathOf(name), "gamma"], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
}

function checkSlowStart(name: string, { slow_start: text }: ScheduleInput, context: CheckContext): void {
  if (text === undefined || parseDuration(text) <= LONGEST_SLOW_START_MS) return;
  const message = `expected a duration from 0s to 1h, saw "${text}"`;
  context.report({ path: [...pathOf(name), "slow_start"], code: "FB_MANIFEST_WRONG_VALUE", message });
}

function checkObjective(name: string, { itl_objective: text }: ScheduleInput, context: CheckContext): void {
  if (text === undefined) return;
  const objectiveMs = parseDuration(text);
  if (objectiveMs >= 1 && objectiveMs <= LONGEST_GAP_MS) return;
  const message = `expected a duration from 1ms to 1m, saw "${text}"`;
  context.report({ path: [...pathOf(name), "itl_objective"], code: "FB_MANIFEST_WRONG_VALUE", message });
}

function checkPlain(name: string, schedule: ScheduleInput, context: CheckContext): void {
  for (const key of OF_MODELS) {
    if (schedule[key] === undefined) continue;
    const message = `${key} is for a service that serves a model, and no model has "${name}" among its backends; remove it, or add models: { chat: { backends: [{ service: ${name} }] } }`;
    context.report({ path: [...pathOf(name), key], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
  }
}

function pathOf(name: string): readonly string[] {
  return ["services", name, "schedule"];
}
