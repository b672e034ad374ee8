// Scaling and room on the machine: what the schema alone cannot see.
import { speaksHttp } from "../resolve/effective-ports.ts";
import { parseDuration } from "../resolve/quantities.ts";
import type { ScaleInput } from "../schema/scale.ts";
import type { ServiceInput } from "../schema/service.ts";
import type { CheckContext } from "./check-context.ts";

const LONGEST_WINDOW_MS = 300_000;
const LONGEST_DOWN_AFTER_MS = 3_600_000;
const SHORTEST_MS = 1_000;

/** Checks `scale`, `warm` and the priority of `resources`. */
export function checkScale(context: CheckContext): void {
  for (const [name, service] of Object.entries(context.input.services)) {
    if (service.scale !== undefined) checkService(name, service, service.scale, context);
    if (service.warm !== undefined) checkWarm(name, service, context);
    const { resources } = service;
    if (resources?.preempts === true && resources.priority === "low") {
      const message = "no class is lower than low, so there is nobody to stop; raise priority, or remove preempts";
      context.report({
        path: ["services", name, "resources", "preempts"],
        code: "FB_MANIFEST_CONFLICT",
        message,
        part: "key",
      });
    }
  }
}

function checkWarm(name: string, service: ServiceInput, context: CheckContext): void {
  const path = ["services", name, "warm"];
  if (service.kind === "stateful") {
    const message = "a stateful service has one instance and no spare; remove warm";
    context.report({ path, code: "FB_MANIFEST_CONFLICT", message, part: "key" });
  } else if (service.kind === "service" && service.external === undefined && !speaksHttp(service)) {
    const message = "a spare is kept out of requests by the gateway, and this service has no http port; remove warm";
    context.report({ path, code: "FB_MANIFEST_CONFLICT", message, part: "key" });
  }
}

function checkService(name: string, service: ServiceInput, scale: ScaleInput, context: CheckContext): void {
  const path = ["services", name, "scale"];
  if (service.replicas !== undefined) {
    const message = "replicas is what scale decides; remove one of both";
    context.report({ path: ["services", name, "replicas"], code: "FB_MANIFEST_CONFLICT", message, part: "key" });
  }
  if (service.kind === "stateful") {
    const message = "a stateful service has one instance and is not scaled; remove scale";
    context.report({ path, code: "FB_MANIFEST_CONFLICT", message, part: "key" });
  } else if (service.kind === "service" && service.external === undefined && !speaksHttp(service)) {
    const message = "scale follows the load that the gateway sees, and this service has no http port";
    context.report({ path, code: "FB_MANIFEST_CONFLICT", message, part: "key" });
  }
  if (scale.min > scale.max) {
    const message = `min is above max, saw min: ${scale.min} and max: ${scale.max}`;
    context.report({ path: [...path, "min"], code: "FB_MANIFEST_CONFLICT", message });
  }
  checkLength(scale.window, { path: [...path, "window"], longestMs: LONGEST_WINDOW_MS, longest: "5m" }, context);
  if (scale.down_after === undefined) return;
  const rule = { path: [...path, "down_after"], longestMs: LONGEST_DOWN_AFTER_MS, longest: "1h" };
  checkLength(scale.down_after, rule, context);
}

function checkLength(
  text: string,
  rule: { readonly path: readonly string[]; readonly longestMs: number; readonly longest: string },
  context: CheckContext,
): void {
  const lengthMs = parseDuration(text);
  if (lengthMs >= SHORTEST_MS && lengthMs <= rule.longestMs) return;
  const message = `expected a duration from 1s to ${rule.longest}, saw "${text}"`;
  context.report({ path: rule.path, code: "FB_MANIFEST_WRONG_VALUE", message });
}
