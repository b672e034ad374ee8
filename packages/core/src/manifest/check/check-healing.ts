// What `healing` cannot mean: the schema alone does not see what a service is.
import type { CheckContext } from "./check-context.ts";

/** Never done to data that has one place. */
const NEVER_FOR_STATEFUL: ReadonlySet<string> = new Set(["replace", "move", "scale"]);

/** Checks `healing` of the app and of each service. */
export function checkHealing(context: CheckContext): void {
  for (const [index, { from, to }] of (context.input.healing?.windows ?? []).entries()) {
    if (from !== to) continue;
    const message = `from and to are both ${from}: such a window never ends; for all the time write healing: { act: [eject] }`;
    context.report({ path: ["healing", "windows", index, "to"], code: "FB_MANIFEST_CONFLICT", message });
  }
  for (const [name, { kind, healing }] of Object.entries(context.input.services)) {
    if (kind !== "stateful") continue;
    for (const [index, rung] of (healing?.act ?? []).entries()) {
      if (!NEVER_FOR_STATEFUL.has(rung)) continue;
      const message = `${rung} is never done to a stateful service: its data has one place; remove it`;
      context.report({ path: ["services", name, "healing", "act", index], code: "FB_MANIFEST_CONFLICT", message });
    }
  }
}
